import { cartIdOf, type CartView, partsOf, streamOf } from '@cartage/cart';
import type { BucketRange } from '@cartage/read-store';
import type { Database, RangeOptions, RootDatabase } from 'lmdb';
import { fromRow, type Stamp, stampOf } from './row.ts';

/** The tables of one generation. */
export type Tables = {
  /** Rows by `0421.u~42~main`: an owner's carts are neighbours, and so are those of a bucket. */
  readonly views: Database<Buffer, string>;
  /** An entry for every view that has a purge time, kept in the view's own transaction. */
  readonly due: Database<true, [purgeAt: number, key: string]>;
  readonly checkpoints: Database<Buffer, string>;
  readonly parked: Database<Buffer, string>;
};

export function openTables(root: RootDatabase, generation: string): Tables {
  return {
    views: root.openDB(generation, { encoding: 'binary' }),
    due: root.openDB(`${generation}.due`, { encoding: 'ordered-binary' }),
    checkpoints: root.openDB(`${generation}.checkpoints`, { encoding: 'binary' }),
    parked: root.openDB(`${generation}.parked`, { encoding: 'binary' }),
  };
}

/**
 * Empties the tables. Their names stay: taking a name away would close its handle under everybody else in this process, and
 * LMDB gives a closed handle's number to the next table that is opened.
 */
export function clearTables({ views, due, checkpoints, parked }: Tables): void {
  for (const table of [views, due, checkpoints, parked]) table.clearSync();
}

const prefixOfStreams = 'cart-'.length;

/** @throws {InvalidId} it is no cart id */
export function keyOf(id: string): string {
  partsOf(id);
  return streamOf(id).slice(prefixOfStreams);
}

const idOf = (key: string): string => key.slice(key.indexOf('.') + 1);

/** The keys of an owner's carts. @throws {InvalidId} it is no owner */
export function rangeOfOwner(owner: string): RangeOptions {
  const key = keyOf(cartIdOf(owner));
  const start = key.slice(0, key.lastIndexOf('~') + 1);
  // `~` sorts behind every character of a cart's name.
  return { start, end: `${start}~` };
}

/** The keys of all carts in these buckets. */
export function rangeOfBuckets({ from, to }: BucketRange): RangeOptions {
  const bucket = (number: number): string => number.toString().padStart(4, '0');
  return { start: bucket(from), end: `${bucket(to)}~` };
}

export function viewAt({ views }: Tables, key: string): CartView | undefined {
  const row = views.get(key);
  return row && fromRow(idOf(key), row);
}

export const viewsIn = ({ views }: Tables, range: RangeOptions): readonly CartView[] =>
  [...views.getRange(range)].map(({ key, value }) => fromRow(idOf(key), value));

/** Writes a row unless the stored one is as new. To be called in a write transaction: it reads what it compares with. */
export function writeIfNewer(
  tables: Tables,
  key: string,
  row: Buffer,
  { revision, purgeAt }: Stamp,
): boolean {
  const held = stampOf(tables.views.get(key));
  if (held && held.revision >= revision) return false;
  tables.views.putSync(key, row);
  if (held?.purgeAt === purgeAt) return true;
  if (held?.purgeAt !== undefined) tables.due.removeSync([held.purgeAt, key]);
  if (purgeAt !== undefined) tables.due.putSync([purgeAt, key], true);
  return true;
}

/** Removes up to `limit` views due at or before the time; answers how many. To be called in a write transaction. */
export function removeDue({ views, due }: Tables, before: number, limit: number): number {
  const end: [number, string] = [Math.floor(before) + 1, ''];
  for (let removed = 0; ;) {
    const entries = [...due.getKeys({ end, limit: limit - removed })];
    if (entries.length === 0) return removed;
    for (const entry of entries) {
      const [purgeAt, key] = entry;
      due.removeSync(entry);
      const held = stampOf(views.get(key));
      // A damaged row that was healed since may have left an entry behind.
      if (held && held.purgeAt !== purgeAt) continue;
      if (views.removeSync(key)) removed += 1;
    }
  }
}
