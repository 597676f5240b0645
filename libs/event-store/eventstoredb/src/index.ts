import {
  type Appended,
  type Batch,
  checkRevision,
  type EventStore,
  type Expected,
  type FollowOptions,
  type NewEvent,
  type Recorded,
  Unavailable,
} from '@cartage/event-store';
import { appendTo } from './append.ts';
import { type Connection, connect } from './connection.ts';
import { checkName, toProposed } from './event.ts';
import { followLog } from './follow.ts';
import { headOf, readStream } from './read.ts';
import { truncateStream } from './truncate.ts';

/** The log in EventStoreDB: one node or a cluster. Stores of one URL share their connections. */
export class EventStoreDbEventStore implements EventStore {
  /** As the server tells it; `unknown` when it does not. */
  readonly version: string;
  readonly #connection: Connection;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  private constructor(connection: Connection, version: string) {
    this.#connection = connection;
    this.version = version;
  }

  /**
   * Opens `esdb://`, `esdb+discover://`, `kurrentdb://` and `kurrentdb+discover://` URLs, with the credentials in them or those
   * of EVENT_STORE_USERNAME and EVENT_STORE_PASSWORD. Neither the URL nor credentials are part of any message.
   *
   * @throws {InvalidAddress} a RangeError of code `invalid_address`: the URL is none
   * @throws {Unavailable} within 10 s: the server cannot be reached, refuses the credentials, or is of another kind
   */
  static async open(url: string): Promise<EventStoreDbEventStore> {
    const connection = connect(url);
    try {
      const { reader } = connection;
      const version = await reader.run((client) => client.version());
      await headOf(reader);
      return new EventStoreDbEventStore(connection, version);
    } catch (error) {
      await connection.release();
      throw error;
    }
  }

  async append(stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> {
    this.#checkOpen();
    checkName(stream);
    if (expected !== 'none') checkRevision('The expected revision', expected);
    if (events.length === 0) throw new RangeError('An append needs at least one event.');
    return this.#finish(appendTo(this.#connection, stream, events.map(toProposed), expected));
  }

  async *read(stream: string, from = 0): AsyncGenerator<Recorded> {
    this.#checkOpen();
    checkName(stream);
    checkRevision('The first revision to read', from);
    yield* readStream(this.#connection.reader, stream, from);
  }

  follow(from: bigint | undefined, options: FollowOptions = {}): AsyncIterable<Batch> {
    return followLog(this.#connection.reader, from, options, this.#closing.signal);
  }

  async head(): Promise<bigint> {
    this.#checkOpen();
    return await headOf(this.#connection.reader);
  }

  async truncate(stream: string, before: number): Promise<void> {
    this.#checkOpen();
    checkName(stream);
    checkRevision('The revision to truncate before', before);
    await this.#finish(truncateStream(this.#connection, stream, before));
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= Promise.allSettled(this.#underWay).then(() => this.#connection.release());
    return this.#closed;
  }

  /** What closing waits for. */
  async #finish<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new Unavailable('The event store is closed.');
  }
}
