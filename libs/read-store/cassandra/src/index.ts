import { cartIdOf, type CartView, partsOf } from '@cartage/cart';
import type { BucketRange, Parked, PutResult, ReadStore } from '@cartage/read-store';
import { checkGeneration } from '@cartage/read-store/adapting';
import { type Address, parseAddress } from './address.ts';
import * as books from './books.ts';
import type { ClientSettings } from './client.ts';
import { Connection } from './connection.ts';
import { viewOf, viewsOf, viewsOfOwner } from './get.ts';
import { Sweep } from './purge.ts';
import { Puts } from './put.ts';
import { scan } from './scan.ts';
import { drop, provision, type Table, tableOf } from './tables.ts';

export type CassandraReadStoreOptions = ClientSettings & {
  /** Letters, digits and `_`, at most 48. Default `carts_v1`. */
  readonly generation?: string;
};

/**
 * Cart views in a table of Cassandra, named as the generation is, with all that belongs to it.
 *
 * A view is one cell, written under the view's own `writeTime`: no clock but the stream's has a part in the fence, and Cassandra
 * ignores stale writes without a word, so they count as written. Reads and writes are decided by a majority of the replicas in
 * the data center. A view of up to 15 MiB fits, as JSON. While Cassandra is out of reach, calls throw within about 3 s, with
 * `throttled: true` when it is overloaded; afterwards the store goes on by itself.
 *
 * How durable an acknowledged write is, is for Cassandra's `commitlog_sync` to say: by default, a node that is killed loses its
 * last moments. So once views were put, the loss of a connection to a node makes reading and saving checkpoints fail as the port
 * says, and a projection writes what may be gone again. That does not help where a majority of the replicas is killed at once and
 * each loses other moments: `commitlog_sync: batch` or `group` does.
 */
export class CassandraReadStore implements ReadStore {
  readonly nativeTtl: boolean;
  readonly #address: Address;
  readonly #connection: Connection;
  readonly #table: Table;
  readonly #puts: Puts;
  readonly #sweep: Sweep;

  private constructor(address: Address, connection: Connection, table: Table) {
    this.nativeTtl = address.ttl;
    this.#address = address;
    this.#connection = connection;
    this.#table = table;
    this.#puts = new Puts(connection, table, address.ttl);
    this.#sweep = new Sweep(connection, table);
  }

  /**
   * `url`: see `parseAddress`. Needs no Cassandra yet: the first call connects.
   *
   * @throws {InvalidAddress} the URL is none of Cassandra
   * @throws {RangeError} the generation's name is malformed
   */
  static async open(
    url: string,
    { generation = 'carts_v1', ...settings }: CassandraReadStoreOptions = {},
  ): Promise<CassandraReadStore> {
    const address = parseAddress(url);
    const table = tableOf(address, checkGeneration(generation));
    return new CassandraReadStore(address, await Connection.open(address, settings), table);
  }

  async get(id: string): Promise<CartView | undefined> {
    return this.#connection.during(() => viewOf(this.#connection, this.#table, id));
  }

  async getMany(ids: readonly string[]): Promise<readonly (CartView | undefined)[]> {
    ids.forEach(partsOf);
    const views = await this.#connection.during(() => viewsOf(this.#connection, this.#table, ids));
    return ids.map((id) => views.get(id));
  }

  async list(owner: string): Promise<readonly CartView[]> {
    cartIdOf(owner);
    return this.#connection.during(() => viewsOfOwner(this.#connection, this.#table, owner));
  }

  /** Of several versions of a cart in one batch only the newest is sent; the others count as stale. */
  async put(views: readonly CartView[]): Promise<PutResult> {
    return this.#connection.during(() => this.#puts.put(views));
  }

  scan(buckets?: BucketRange): AsyncIterable<readonly CartView[]> {
    return scan(this.#connection, this.#table, buckets);
  }

  async checkpoints(): Promise<ReadonlyMap<string, bigint>> {
    return this.#connection.during(() => books.checkpoints(this.#connection, this.#table));
  }

  async saveCheckpoint(name: string, position: bigint): Promise<void> {
    return this.#connection.during(() => books.saveCheckpoint(this.#connection, this.#table, name, position));
  }

  async parked(): Promise<readonly Parked[]> {
    return this.#connection.during(() => books.parked(this.#connection, this.#table));
  }

  async park(entry: Parked): Promise<void> {
    return this.#connection.during(() => books.park(this.#connection, this.#table, entry));
  }

  async unpark(id: string): Promise<void> {
    return this.#connection.during(() => books.unpark(this.#connection, this.#table, id));
  }

  async provision(): Promise<void> {
    return this.#connection.during(() => provision(this.#connection, this.#table, this.#address));
  }

  async drop(): Promise<void> {
    return this.#connection.during(() => drop(this.#connection, this.#table));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async purge(before: number, limit: number): Promise<number> {
    if (this.nativeTtl) return 0;
    return this.#connection.during(() => this.#sweep.purge(before, limit));
  }
}
