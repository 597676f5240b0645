import { bucketCount, type CartView } from '@cartage/cart';
import type { BucketRange } from '@cartage/read-store';
import type { Filter } from 'mongodb';
import type { Connection, Stored } from './connection.ts';
import { find } from './get.ts';
import { fromRow, lastDate } from './row.ts';
import { scanKey } from './tables.ts';

const pageSize = 500;
const mostRemoved = 1_000;
const allBuckets: BucketRange = { from: 0, to: bucketCount - 1 };

/**
 * Each page is a query of its own along the index of buckets and ids, in which no write moves a view: nothing is missed, and
 * the server holds nothing meanwhile.
 */
export async function* scan(
  connection: Connection,
  collection: string,
  { from, to }: BucketRange = allBuckets,
): AsyncIterable<readonly CartView[]> {
  const order = { sort: scanKey, hint: scanKey, limit: pageSize };
  let filter: Filter<Stored> = { bucket: { $gte: from, $lte: to } };
  for (;;) {
    const page = await connection.during(() => find(connection, collection, filter, pageSize, order));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(fromRow);
    if (page.length < pageSize) return;
    const { bucket, _id } = last;
    filter = {
      bucket: { $gte: bucket, $lte: to },
      $or: [{ bucket: { $gt: bucket } }, { _id: { $gt: _id } }],
    };
  }
}

/** Removes up to `limit` views due at or before the time, ms since the epoch; answers how many. */
export async function removeDue(
  connection: Connection,
  collection: string,
  before: number,
  limit: number,
): Promise<number> {
  const due = { purgeAt: { $lte: new Date(Math.min(before, lastDate)) } };
  for (let removed = 0; ;) {
    const most = Math.min(limit - removed, mostRemoved);
    if (most <= 0) return removed;
    const found = await find(connection, collection, due, most, { limit: most, projection: { _id: 1 } });
    if (found.length === 0) return removed;
    // Asked again, as a cart may have lived on since.
    removed += await connection.remove(collection, { ...due, _id: { $in: found.map(({ _id }) => _id) } });
  }
}
