import type { CartView } from '@cartage/cart';
import type { PutResult } from '@cartage/read-store';
import { BSON } from 'mongodb';
import type { Connection, Upsert } from './connection.ts';
import { type Row, toRow } from './row.ts';

/** Bytes of a document that MongoDB takes, and of documents and how many that go into one command of at most 16 MiB. */
const mostInDocument = 16 * 1024 * 1024;
const mostInCommand = 8_000_000;
const mostViews = 1_000;

/**
 * Writes views where they are newer than the stored ones: `q` does not find a stored view that is as new, so the server tries to
 * insert a second document of that id, and refuses. Both modes are the same.
 */
export async function putViews(
  connection: Connection,
  collection: string,
  views: readonly CartView[],
): Promise<PutResult> {
  const sized = views.map(toRow).map((row) => ({ row, size: sizeOf(row) }));
  const fitting = sized.filter(({ size }) => size <= mostInDocument);
  let stale = 0;
  for (const batch of batchesOf(fitting))
    stale += (await connection.upsert(collection, batch.map(ifNewer))).length;
  const oversized = sized.filter(({ size }) => size > mostInDocument).map(({ row }) => row._id);
  return { written: fitting.length - stale, stale, oversized };
}

/** Not `$lt`: a stored revision that is damaged, or missing, fences nothing, and is healed by the next write. */
const ifNewer = (row: Row): Upsert => ({
  q: { _id: row._id, revision: { $not: { $gte: row.revision } } },
  u: row,
});

type Sized = { readonly row: Row; readonly size: number };

function* batchesOf(rows: readonly Sized[]): Iterable<readonly Row[]> {
  let batch: Row[] = [];
  let bytes = 0;
  for (const { row, size } of rows) {
    if (batch.length === mostViews || (batch.length > 0 && bytes + size > mostInCommand)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Bytes of a document, or up to three times as many where it is small: to count them costs as much as to write them. */
function sizeOf(row: Row): number {
  const most = mostBytesOf(row);
  return most <= mostInCommand / mostViews ? most : BSON.calculateObjectSize(row);
}

/** What BSON needs at most: 3 bytes a character, 8 a number or a date, and for each a type, a name and a length. */
function mostBytesOf(value: unknown): number {
  if (typeof value === 'string') return 3 * value.length;
  if (typeof value !== 'object' || value === null || value instanceof Date) return 8;
  let bytes = 0;
  if (Array.isArray(value)) for (const element of value) bytes += 16 + mostBytesOf(element);
  else
    for (const name in value) bytes += 16 + 3 * name.length + mostBytesOf(value[name as keyof typeof value]);
  return bytes;
}
