import type { CartView } from '@cartage/cart';
import type { PutResult } from '@cartage/read-store';
import { batchesOf } from '@cartage/read-store/adapting';
import { BSON } from 'mongodb';
import type { Connection, Upsert } from './connection.ts';
import { type Row, toRow } from './row.ts';

/** Bytes of a document that MongoDB takes, and of documents and how many that go into one command of at most 16 MiB. */
const mostInDocument = 16 * 1024 * 1024;
const mostInCommand = { items: 1_000, bytes: 8_000_000 } as const;

/**
 * Writes views where they are newer than the stored ones: `q` does not find a stored view that is as new, so the server tries to
 * insert a second document of that id, and refuses. Both modes are the same.
 */
export async function put(
  connection: Connection,
  collection: string,
  views: readonly CartView[],
): Promise<PutResult> {
  const rows = views.map(sized);
  const fitting = rows.filter(({ bytes }) => bytes <= mostInDocument);
  let stale = 0;
  for (const batch of batchesOf(fitting, mostInCommand))
    stale += (await connection.upsert(collection, batch.map(ifNewer))).length;
  const oversized = rows.filter(({ bytes }) => bytes > mostInDocument).map(({ row }) => row._id);
  return { written: fitting.length - stale, stale, oversized };
}

/** Not `$lt`: a stored revision that is damaged, or missing, fences nothing, and is healed by the next write. */
const ifNewer = ({ row }: Sized): Upsert => ({
  q: { _id: row._id, revision: { $not: { $gte: row.revision } } },
  u: row,
});

type Sized = { readonly row: Row; readonly bytes: number };

function sized(view: CartView): Sized {
  const row = toRow(view);
  return { row, bytes: bytesOf(row) };
}

/** Bytes of a document, or up to three times as many where it is small: to count them costs as much as to write them. */
function bytesOf(row: Row): number {
  const most = mostBytesOf(row);
  return most <= mostInCommand.bytes / mostInCommand.items ? most : BSON.calculateObjectSize(row);
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
