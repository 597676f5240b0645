import { bucketCount, type CartView } from '@cartage/cart';
import { commitFailure, openLmdbFolder, toStoreError, Transactions, Unavailable } from '@cartage/lmdb-folder';
import type { BucketRange, Parked, PutResult, ReadStore } from '@cartage/read-store';
import type { RootDatabase } from 'lmdb';
import { toRow } from './row.ts';
import { sealText, unsealText } from './sealed.ts';
import {
  clearTables,
  keyOf,
  openTables,
  rangeOfBuckets,
  rangeOfOwner,
  removeDue,
  type Tables,
  viewAt,
  viewsIn,
  writeIfNewer,
} from './tables.ts';

const formatVersion = 1;
/** Handles to tables that one process may hold, over all generations. */
const maxTables = 64;
/** Views read in one go by a scan; the event loop waits for them. */
const pageSize = 200;
/** Of one `put`; other writers, of other generations too, get their turn in between. */
const rowsPerTransaction = 1_000;
const allBuckets: BucketRange = { from: 0, to: bucketCount - 1 };

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

export type EmbeddedReadStoreOptions = {
  /** Letters, digits and `_`, at most 64. Default `carts_v1`. */
  readonly generation?: string;
};

/**
 * Cart views in an LMDB folder. Any number of processes may read and write it at once; each sees what any other has committed
 * from its next call on, and none holds back pages that were freed. They write in turn: one that is stopped (SIGSTOP) while it
 * commits keeps the others waiting until it goes on or ends.
 *
 * A `put` is a write transaction for each 1,000 views, in which the stored revisions are read: what one wrote is durable before
 * anybody sees it. Transactions become durable in the order in which they were committed, so a checkpoint never outlives a view that
 * was written before it. There is no limit to the size of a view. Both modes are fenced: it costs one look-up.
 */
export class EmbeddedReadStore implements ReadStore {
  readonly nativeTtl = false;
  readonly #folder: string;
  readonly #root: RootDatabase;
  readonly #transactions: Transactions;
  readonly #tables: Tables;
  #closing: Promise<void> | undefined;

  private constructor(folder: string, root: RootDatabase, generation: string) {
    this.#folder = folder;
    this.#root = root;
    this.#transactions = new Transactions(root, folder);
    this.#tables = this.#transactions.openTables(() => openTables(root, generation));
  }

  /**
   * Opens a generation, and makes the folder and the tables where they are missing.
   *
   * @throws an error of code `corrupted`: the folder is another store's, of another format, or damaged
   * @throws an error of code `unavailable`: the folder cannot be created, read or written
   * @throws {RangeError} the generation's name is malformed
   */
  static async open(
    folder: string,
    { generation = 'carts_v1' }: EmbeddedReadStoreOptions = {},
  ): Promise<EmbeddedReadStore> {
    if (!/^\w{1,64}$/.test(generation))
      throw new RangeError(
        `"${generation}" is no name for a generation: use up to 64 letters, digits and _.`,
      );
    const root = await openLmdbFolder(folder, 'read-store', formatVersion, { maxDbs: maxTables });
    try {
      return new EmbeddedReadStore(folder, root, generation);
    } catch (error) {
      await root.close();
      throw toStoreError(error, folder);
    }
  }

  async get(id: string): Promise<CartView | undefined> {
    const key = keyOf(id);
    return this.#read((tables) => viewAt(tables, key));
  }

  async getMany(ids: readonly string[]): Promise<readonly (CartView | undefined)[]> {
    const keys = ids.map(keyOf);
    return this.#read((tables) => keys.map((key) => viewAt(tables, key)));
  }

  async list(owner: string): Promise<readonly CartView[]> {
    const range = rangeOfOwner(owner);
    return this.#read((tables) => viewsIn(tables, range));
  }

  async put(views: readonly CartView[]): Promise<PutResult> {
    // In the order of their keys: neighbours share pages, so that a transaction changes few.
    const keyed = views.map((view) => ({ view, key: keyOf(view.id) })).sort(byKey);
    let written = 0;
    for (let at = 0; at < keyed.length; at += rowsPerTransaction) {
      // Made beforehand: while the transaction is open, all other writers wait.
      const rows = keyed.slice(at, at + rowsPerTransaction).map((one) => ({ ...one, row: toRow(one.view) }));
      written += await this.#write(
        (tables) => rows.filter(({ key, row, view }) => writeIfNewer(tables, key, row, view)).length,
      );
    }
    return { written, stale: views.length - written, oversized: [] };
  }

  async *scan(buckets: BucketRange = allBuckets): AsyncIterable<readonly CartView[]> {
    // Page by page: an iterator that stays open would keep LMDB from reusing freed pages.
    let range = { ...rangeOfBuckets(buckets), limit: pageSize };
    for (;;) {
      const page = this.#read((tables) => viewsIn(tables, range));
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      range = { ...range, start: keyOf(last.id), exclusiveStart: true };
    }
  }

  async checkpoints(): Promise<ReadonlyMap<string, bigint>> {
    return this.#read(({ checkpoints }) => {
      const entries = [...checkpoints.getRange()];
      return new Map(
        entries.map(({ key, value }) => [key, BigInt(unsealText(value, `checkpoint of ${key}`))]),
      );
    });
  }

  async saveCheckpoint(name: string, position: bigint): Promise<void> {
    await this.#write(({ checkpoints }) => checkpoints.putSync(name, sealText(`${position}`)));
  }

  async parked(): Promise<readonly Parked[]> {
    return this.#read(({ parked }) => {
      const entries = [...parked.getRange()];
      return entries.map(({ key, value }) => JSON.parse(unsealText(value, `note on ${key}`)) as Parked);
    });
  }

  async park(entry: Parked): Promise<void> {
    await this.#write(({ parked }) => parked.putSync(entry.id, sealText(JSON.stringify(entry))));
  }

  async unpark(id: string): Promise<void> {
    await this.#write(({ parked }) => parked.removeSync(id));
  }

  /** Does nothing: opening has made the tables, and dropping leaves them, empty. */
  async provision(): Promise<void> {}

  async drop(): Promise<void> {
    await this.#write(clearTables);
  }

  async purge(before: number, limit: number): Promise<number> {
    return this.#write((tables) => removeDue(tables, before, limit));
  }

  close(): Promise<void> {
    this.#closing ??= this.#root.close();
    return this.#closing;
  }

  #read<T>(look: (tables: Tables) => T): T {
    this.#assertOpen();
    try {
      return look(this.#tables);
    } catch (error) {
      throw toStoreError(error, this.#folder);
    } finally {
      // lmdb keeps its snapshot until a timer fires. Without it, the next call sees what other processes have committed.
      this.#root.resetReadTxn();
    }
  }

  async #write<T>(change: (tables: Tables) => T): Promise<T> {
    this.#assertOpen();
    try {
      return await this.#transactions.write('transaction', () => change(this.#tables));
    } catch (error) {
      throw await commitFailure(error, this.#folder);
    }
  }

  #assertOpen(): void {
    if (this.#closing) throw new Unavailable(`The read store in ${this.#folder} is closed.`);
  }
}
