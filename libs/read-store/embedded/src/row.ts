import type { CartView } from '@cartage/cart';
import { damaged, isSound, seal, sealSize } from './sealed.ts';

/** What the fence and the purge need to know of a stored view. */
export type Stamp = { readonly revision: number; readonly purgeAt?: number };

const revisionAt = sealSize;
const purgeTimeAt = revisionAt + 8;
const jsonAt = purgeTimeAt + 8;

/** A view as stored: a seal, the {@link Stamp} as two floats (NaN: never purged), the whole view as JSON. */
export function toRow(view: CartView): Buffer {
  const json = JSON.stringify(view);
  const row = Buffer.allocUnsafe(jsonAt + Buffer.byteLength(json));
  row.writeDoubleLE(view.revision, revisionAt);
  row.writeDoubleLE(view.purgeAt ?? NaN, purgeTimeAt);
  row.write(json, jsonAt);
  return seal(row);
}

/** @throws {Corrupted} these bytes are no view of this cart */
export function fromRow(id: string, row: Buffer): CartView {
  if (row.length < jsonAt || !isSound(row)) throw damaged(`view of ${id}`);
  const view = JSON.parse(row.toString('utf8', jsonAt)) as CartView;
  if (view.id !== id) throw damaged(`view of ${id}`);
  return view;
}

/** The stamp, without parsing the view. A damaged row has none: it fences nothing, and is healed by the next write. */
export function stampOf(row: Buffer | undefined): Stamp | undefined {
  if (row === undefined || row.length < jsonAt || !isSound(row)) return undefined;
  const revision = row.readDoubleLE(revisionAt);
  const purgeAt = row.readDoubleLE(purgeTimeAt);
  return Number.isNaN(purgeAt) ? { revision } : { revision, purgeAt };
}
