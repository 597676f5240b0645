import { cartIdOf, type CartView, partsOf } from '@cartage/cart';
import type { BucketRange, Parked, PutResult, ReadStore } from '@cartage/read-store';
import { checkGeneration, Coalescing } from '@cartage/read-store/adapting';
import { type Address, parseAddress } from './address.ts';
import * as books from './books.ts';
import { Connection, type ConnectionOptions, type Stored } from './connection.ts';
import { mostIds, rowsOf, viewsOfOwner } from './get.ts';
import { purge } from './purge.ts';
import { put } from './put.ts';
import { fromRow } from './row.ts';
import { scan } from './scan.ts';
import { type Collections, collectionsOf, Tables } from './tables.ts';

export type MongoDbReadStoreOptions = ConnectionOptions & {
  /** Letters, digits and `_`, at most 48. Default `carts_v1`. */
  readonly generation?: string;
};

/**
 * Cart views in MongoDB: one document each, read from the primary and written with the acknowledgement of a majority.
 *
 * The revision alone decides whether a write is newer; no clock has a part in it. Both modes of `put` are fenced: it costs no
 * further command. Views over 16 MiB are oversized. While MongoDB is out of reach, every call throws within 3 s, writes of many
 * views within 10 s for each 1,000; afterwards the store goes on by itself.
 */
export class MongoDbReadStore implements ReadStore {
  readonly nativeTtl: boolean;
  readonly #connection: Connection;
  readonly #collections: Collections;
  readonly #tables: Tables;
  readonly #rows: Coalescing<Stored>;

  private constructor(connection: Connection, address: Address, generation: string) {
    this.nativeTtl = address.ttl;
    this.#connection = connection;
    this.#collections = collectionsOf(generation);
    this.#tables = new Tables(connection, this.#collections, address);
    this.#rows = new Coalescing(
      (ids) => this.#call(() => rowsOf(connection, this.#collections.views, ids)),
      mostIds,
    );
  }

  /**
   * Needs no MongoDB yet: the first call connects.
   *
   * @throws {InvalidAddress} the URL is none of a MongoDB
   * @throws {RangeError} the generation's name is malformed
   */
  static async open(
    url: string,
    { generation = 'carts_v1', ...options }: MongoDbReadStoreOptions = {},
  ): Promise<MongoDbReadStore> {
    const address = parseAddress(url);
    const name = checkGeneration(generation);
    return new MongoDbReadStore(new Connection(address, options), address, name);
  }

  async get(id: string): Promise<CartView | undefined> {
    partsOf(id);
    return this.#viewOf(id);
  }

  async getMany(ids: readonly string[]): Promise<readonly (CartView | undefined)[]> {
    ids.forEach(partsOf);
    return Promise.all(ids.map((id) => this.#viewOf(id)));
  }

  async list(owner: string): Promise<readonly CartView[]> {
    cartIdOf(owner);
    return this.#call(() => viewsOfOwner(this.#connection, this.#collections.views, owner));
  }

  async put(views: readonly CartView[]): Promise<PutResult> {
    return this.#call(() => put(this.#connection, this.#collections.views, views));
  }

  async *scan(buckets?: BucketRange): AsyncIterable<readonly CartView[]> {
    await this.#call(async () => undefined);
    yield* scan(this.#connection, this.#collections.views, buckets);
  }

  async checkpoints(): Promise<ReadonlyMap<string, bigint>> {
    return this.#call(() => books.checkpoints(this.#connection, this.#collections.checkpoints));
  }

  async saveCheckpoint(name: string, position: bigint): Promise<void> {
    return this.#call(() =>
      books.saveCheckpoint(this.#connection, this.#collections.checkpoints, name, position),
    );
  }

  async parked(): Promise<readonly Parked[]> {
    return this.#call(() => books.parked(this.#connection, this.#collections.parked));
  }

  async park(entry: Parked): Promise<void> {
    return this.#call(() => books.park(this.#connection, this.#collections.parked, entry));
  }

  async unpark(id: string): Promise<void> {
    return this.#call(() => books.unpark(this.#connection, this.#collections.parked, id));
  }

  async provision(): Promise<void> {
    return this.#connection.during(() => this.#tables.provision());
  }

  async drop(): Promise<void> {
    return this.#connection.during(() => this.#tables.drop());
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async purge(before: number, limit: number): Promise<number> {
    if (this.nativeTtl) return 0;
    return this.#call(() => purge(this.#connection, this.#collections.views, before, limit));
  }

  async #viewOf(id: string): Promise<CartView | undefined> {
    const row = await this.#rows.get(id);
    return row && fromRow(row);
  }

  /** Of a generation that is there. */
  #call<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.during(async () => {
      await this.#tables.found();
      return work();
    });
  }
}
