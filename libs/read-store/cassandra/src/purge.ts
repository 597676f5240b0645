import { inLanes } from '@cartage/read-store/adapting';
import { type Connection, lanes } from './connection.ts';
import { fromRow, toRow } from './row.ts';
import { pagesOf } from './scan.ts';
import type { Table } from './tables.ts';

/** Removes what is due, where Cassandra does not do it by itself. There is no index of purge times: all views are looked at. */
export class Sweep {
  readonly #connection: Connection;
  readonly #table: Table;
  /** The part of the ring where the last call stopped: the next goes on there, instead of seeing the same again. */
  #part = 0;

  constructor(connection: Connection, table: Table) {
    this.#connection = connection;
    this.#table = table;
  }

  /** Removes up to `limit` views due at or before the time, ms since the epoch; answers how many. */
  async purge(before: number, limit: number): Promise<number> {
    let removed = 0;
    for await (const { part, rows } of pagesOf(this.#connection, this.#table, this.#part)) {
      if (removed >= limit) break;
      this.#part = part;
      const due = rows.map(fromRow).filter(({ purgeAt = Infinity }) => purgeAt <= before);
      const some = due.slice(0, limit - removed);
      // Under the view's own time: a version that is written meanwhile stays, an older one does not come back.
      await inLanes(lanes, some.map(toRow), async ({ owner, name, writeTime }) => {
        await this.#connection.send(this.#table.cql.remove, [writeTime, owner, name]);
      });
      removed += some.length;
    }
    return removed;
  }
}
