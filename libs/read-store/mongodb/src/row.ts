import { bucketOf, type CartView, type Line, partsOf } from '@cartage/cart';
import { storedView } from '@cartage/read-store/adapting';
import type { Stored } from './connection.ts';

/** A view as stored: the document is the cart, its `lines` an array, its top-level keys never a shopper's. */
export type Row = Stored & { readonly bucket: number; readonly revision: number };

/** ms since the epoch: no `Date` is later. */
export const lastDate = 8.64e15;

/** @throws {InvalidId} the id is no cart's */
export function toRow(view: CartView): Row {
  const { id, lines, purgeAt } = view;
  const row: Writable = { _id: id, bucket: bucketOf(partsOf(id).owner) };
  copyOthers(view, row, 'id');
  row['lines'] = lines.map(toStoredLine);
  // A TTL index looks at dates only: a time too late for one is never reached either.
  if (purgeAt !== undefined && purgeAt <= lastDate) row['purgeAt'] = new Date(purgeAt);
  return row as Row;
}

/**
 * The document kept under this id.
 *
 * @throws {Corrupted} it is no view
 */
export function fromRow(row: Stored): CartView {
  const { _id: id, lines, purgeAt } = row;
  const view: Writable = { id };
  copyOthers(row, view, '_id', 'bucket');
  if (Array.isArray(lines)) view['lines'] = lines.map(fromStoredLine);
  if (purgeAt instanceof Date) view['purgeAt'] = purgeAt.getTime();
  return storedView(id, view);
}

type Writable = Record<string, unknown>;

/** Field by field: V8 takes three times as long for rest and spread. */
function copyOthers(from: object, to: Writable, ...left: readonly string[]): void {
  for (const name in from) if (!left.includes(name)) to[name] = from[name as keyof typeof from];
}

/**
 * Attributes are JSON text. As documents, keys that a shopper chose would mean something to BSON: `_bsontype` makes its writer
 * fail, `$id` its reader build a reference, and half a surrogate pair becomes another character.
 */
const toStoredLine = (line: Line): object =>
  line.attributes === undefined ? line : { ...line, attributes: JSON.stringify(line.attributes) };

function fromStoredLine(line: unknown): unknown {
  if (typeof line !== 'object' || line === null || !('attributes' in line)) return line;
  return { ...line, attributes: parsed(line.attributes) };
}

/** What is no JSON stays what it is, for the check of the view to refuse. */
function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text;
  } catch {
    return text;
  }
}
