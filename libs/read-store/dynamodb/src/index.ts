import { cartIdOf, type CartView, partsOf } from '@cartage/cart';
import type { BucketRange, Parked, PutMode, PutResult, ReadStore } from '@cartage/read-store';
import { checkGeneration, Coalescing } from '@cartage/read-store/adapting';
import { type Address, parseAddress } from './address.ts';
import * as books from './books.ts';
import { Connection } from './connection.ts';
import { mostKeys, rowsOf, viewsOf, viewsOfOwner } from './get.ts';
import { purge } from './purge.ts';
import { put } from './put.ts';
import { fromRow, type Row } from './row.ts';
import { scan } from './scan.ts';
import { drop, provision, tableOf } from './tables.ts';

export type DynamoDbReadStoreOptions = {
  /** Letters, digits and `_`, at most 48. Default `carts_v1`. */
  readonly generation?: string;
};

/**
 * Cart views in a table of DynamoDB, `<beginning of table names>.<generation>`, with all that belongs to the generation.
 *
 * Reads are consistent: they see every write that was acknowledged before. A view of up to 400 KB less 400 bytes fits, as JSON.
 * Fenced puts are one conditional put a cart; fresh ones are batches that overwrite. Requests are repeated a little and end
 * within about 2 s, so that a server out of reach is `unavailable`, with `throttled: true` when it asks for less. A store can be
 * opened while its server is down, and recovers by itself.
 */
export class DynamoDbReadStore implements ReadStore {
  readonly nativeTtl: boolean;
  readonly #address: Address;
  readonly #connection: Connection;
  readonly #rows: Coalescing<Row>;

  private constructor(address: Address, generation: string) {
    const connection = new Connection(address, tableOf(address, generation));
    this.nativeTtl = address.ttl;
    this.#address = address;
    this.#connection = connection;
    this.#rows = new Coalescing((ids) => rowsOf(connection, ids), mostKeys);
  }

  /**
   * `url`: see `parseAddress`. Nothing is sent yet.
   *
   * @throws {InvalidAddress} the URL is none of DynamoDB
   * @throws {RangeError} the generation's name is malformed
   */
  static async open(
    url: string,
    { generation = 'carts_v1' }: DynamoDbReadStoreOptions = {},
  ): Promise<DynamoDbReadStore> {
    return new DynamoDbReadStore(parseAddress(url), checkGeneration(generation));
  }

  /** Gets of one turn of the event loop are one request. */
  async get(id: string): Promise<CartView | undefined> {
    partsOf(id);
    return this.#connection.during(async () => {
      const row = await this.#rows.get(id);
      return row && fromRow(row);
    });
  }

  async getMany(ids: readonly string[]): Promise<readonly (CartView | undefined)[]> {
    ids.forEach(partsOf);
    const views = await this.#connection.during(() => viewsOf(this.#connection, ids));
    return ids.map((id) => views.get(id));
  }

  async list(owner: string): Promise<readonly CartView[]> {
    cartIdOf(owner);
    return this.#connection.during(() => viewsOfOwner(this.#connection, owner));
  }

  /** Of several versions of a cart in one batch only the newest is sent; the others count as stale. */
  async put(views: readonly CartView[], mode: PutMode): Promise<PutResult> {
    return this.#connection.during(() => put(this.#connection, views, mode));
  }

  scan(buckets?: BucketRange): AsyncIterable<readonly CartView[]> {
    return scan(this.#connection, buckets);
  }

  async checkpoints(): Promise<ReadonlyMap<string, bigint>> {
    return this.#connection.during(() => books.checkpoints(this.#connection));
  }

  async saveCheckpoint(name: string, position: bigint): Promise<void> {
    return this.#connection.during(() => books.saveCheckpoint(this.#connection, name, position));
  }

  async parked(): Promise<readonly Parked[]> {
    return this.#connection.during(() => books.parked(this.#connection));
  }

  async park(entry: Parked): Promise<void> {
    return this.#connection.during(() => books.park(this.#connection, entry));
  }

  async unpark(id: string): Promise<void> {
    return this.#connection.during(() => books.unpark(this.#connection, id));
  }

  async provision(): Promise<void> {
    return this.#connection.during(() => provision(this.#connection, this.#address));
  }

  async drop(): Promise<void> {
    return this.#connection.during(() => drop(this.#connection));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async purge(before: number, limit: number): Promise<number> {
    if (this.nativeTtl) return 0;
    return this.#connection.during(() => purge(this.#connection, before, limit));
  }
}
