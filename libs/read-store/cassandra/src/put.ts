import type { CartView } from '@cartage/cart';
import type { PutResult } from '@cartage/read-store';
import { inLanes, newestOf } from '@cartage/read-store/adapting';
import { type Connection, lanes } from './connection.ts';
import { isTooLarge, latestExpiryIn, toStoreError } from './errors.ts';
import { type Row, toRow } from './row.ts';
import type { Table } from './tables.ts';

/** Bytes of a view as JSON. Cassandra takes 16 MiB for a statement with all its values. */
const mostViewBytes = 15 * 1024 * 1024;
const longestTtl = 630_720_000; // s: Cassandra's own limit, twenty years
const forever = 0;

/**
 * Writes views under their own `writeTime`, which rises with the revision: whichever write arrives last, the cell of the highest
 * time stays. That is the whole fence, so both modes are the same, and nobody can tell which views were stale.
 */
export class Puts {
  readonly #connection: Connection;
  readonly #table: Table;
  readonly #ttl: boolean;
  /** s since the epoch. Servers in the storage format of Cassandra 4 store none beyond 2038; they say so when asked to. */
  #latestExpiry = Infinity;

  /** `ttl`: whether Cassandra forgets the views by itself. */
  constructor(connection: Connection, table: Table, ttl: boolean) {
    this.#connection = connection;
    this.#table = table;
    this.#ttl = ttl;
  }

  /** Of several versions of a cart, only the newest is sent. */
  async put(views: readonly CartView[]): Promise<PutResult> {
    this.#connection.setbacks.putting();
    const newest = newestOf(views);
    const rows = newest.map((view) => ({ view, row: toRow(view) }));
    const oversized = rows.filter(({ row }) => isOversized(row)).map(({ view }) => view.id);
    const fitting = oversized.length === 0 ? rows : rows.filter(({ row }) => !isOversized(row));
    await inLanes(lanes, fitting, async ({ view, row }) => {
      if (!(await this.#write(row, view.purgeAt))) oversized.push(view.id);
    });
    return { written: newest.length - oversized.length, stale: views.length - newest.length, oversized };
  }

  /** Answers false when the row is larger than the server takes. */
  async #write(row: Row, purgeAt: number | undefined): Promise<boolean> {
    try {
      await this.#send(row, this.#ttl ? this.#secondsUntil(purgeAt) : forever);
      return true;
    } catch (error) {
      if (isTooLarge(error)) return false;
      const latest = latestExpiryIn(error);
      if (latest === undefined || latest >= this.#latestExpiry)
        throw toStoreError(error, this.#connection.place);
      this.#latestExpiry = latest;
      return this.#write(row, purgeAt);
    }
  }

  #send({ owner, name, cart, writeTime }: Row, seconds: number): Promise<unknown> {
    const { put, remove } = this.#table.cql;
    // What is over by now: a TTL of 0 would keep it for ever.
    if (seconds < 0) return this.#connection.sendRaw(remove, [writeTime, owner, name]);
    return this.#connection.sendRaw(put, [owner, name, cart, writeTime, seconds]);
  }

  /**
   * Computed at each write, from the time that the domain decided: a rebuild prolongs no life. 0 is for ever, also for what the
   * server cannot keep as long as it should: no view ends early. Below 0: it is over.
   */
  #secondsUntil(purgeAt: number | undefined): number {
    if (purgeAt === undefined) return forever;
    const now = Date.now();
    const seconds = Math.floor((purgeAt - now) / 1000);
    if (seconds < 1) return -1;
    return seconds > longestTtl || purgeAt / 1000 >= this.#latestExpiry ? forever : seconds;
  }
}

const isOversized = ({ cart }: Row): boolean =>
  // A character is up to 3 bytes: most views need not be measured.
  cart.length * 3 > mostViewBytes && Buffer.byteLength(cart) > mostViewBytes;
