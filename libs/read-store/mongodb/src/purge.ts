import type { Connection } from './connection.ts';
import { find } from './get.ts';
import { lastDate } from './row.ts';

/** In one command. */
const mostRemoved = 1_000;

/** Removes up to `limit` views due at or before the time, ms since the epoch; answers how many. */
export async function purge(
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
