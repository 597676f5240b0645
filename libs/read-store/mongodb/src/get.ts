import type { CartView } from '@cartage/cart';
import type { Filter, FindOptions } from 'mongodb';
import type { Connection, Stored } from './connection.ts';
import { fromRow } from './row.ts';

/** Ids in one command. */
export const mostIds = 1_000;

/** The rows of up to {@link mostIds} different carts, by id. */
export async function rowsOf(
  connection: Connection,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Stored>> {
  const rows = await find(connection, collection, { _id: { $in: ids } }, ids.length);
  return new Map(rows.map((row) => [row._id, row]));
}

/** All carts of an owner, along the index of ids: `~` stands behind every character of a cart's name. */
export async function viewsOfOwner(
  connection: Connection,
  collection: string,
  owner: string,
): Promise<readonly CartView[]> {
  const ids = { $gte: `${owner}~`, $lt: `${owner}~~` };
  return (await find(connection, collection, { _id: ids }, mostIds)).map(fromRow);
}

/** What the filter finds: one command for up to `most` documents that are within 16 MB. */
export const find = (
  connection: Connection,
  collection: string,
  filter: Filter<Stored>,
  most: number,
  options: Pick<FindOptions, 'sort' | 'hint' | 'limit' | 'projection'> = {},
): Promise<Stored[]> =>
  connection.send((db, signal) =>
    // A full batch says that there may be more: one more than wanted saves asking.
    db
      .collection<Stored>(collection)
      .find(filter, { ...options, signal, batchSize: most + 1 })
      .toArray(),
  );
