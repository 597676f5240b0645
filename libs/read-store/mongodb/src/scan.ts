import type { CartView } from '@cartage/cart';
import { allBuckets, type BucketRange } from '@cartage/read-store';
import type { Filter } from 'mongodb';
import type { Connection, Stored } from './connection.ts';
import { find } from './get.ts';
import { fromRow } from './row.ts';
import { scanKey } from './tables.ts';

const pageSize = 500;

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
