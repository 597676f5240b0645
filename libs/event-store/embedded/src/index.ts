import {
  type Appended,
  type Batch,
  checkRevision,
  checkStream,
  EventTooLarge,
  type EventStore,
  type Expected,
  type FollowOptions,
  type NewEvent,
  type Recorded,
  Unavailable,
} from '@cartage/event-store';
import { openLmdbFolder, toStoreError, Transactions } from '@cartage/lmdb-folder';
import type { RootDatabase } from 'lmdb';
import { Commits } from './commits.ts';
import { followLog } from './follow.ts';
import { Log } from './log.ts';
import { readStream } from './read.ts';
import { draft } from './record.ts';
import { Wakeups } from './wakeups.ts';
import { Writer } from './writer.ts';

const formatVersion = 1;
const bytesPerAppend = 64 * 1_048_576;

/** The log in an LMDB folder that any number of processes on one machine share. */
export class EmbeddedEventStore implements EventStore {
  readonly #folder: string;
  readonly #database: RootDatabase;
  readonly #log: Log;
  readonly #commits: Commits<Writer>;
  readonly #wakeups = new Wakeups();
  #closed: Promise<void> | undefined;

  private constructor(folder: string, database: RootDatabase) {
    this.#folder = folder;
    this.#database = database;
    const log = new Transactions(database, folder).openTables(() => new Log(database));
    this.#log = log;
    this.#commits = new Commits(database, folder, () => new Writer(log));
  }

  /**
   * Opens the log in `folder`, and creates it when there is none.
   *
   * @throws an error of code `corrupted`: the folder is another store's, of another format, or damaged; nothing was changed
   * @throws an error of code `unavailable`: the folder cannot be created, read or written
   */
  static async open(folder: string): Promise<EmbeddedEventStore> {
    const database = await openLmdbFolder(folder, 'event-store', formatVersion);
    try {
      return new EmbeddedEventStore(folder, database);
    } catch (error) {
      await database.close();
      throw toStoreError(error, folder);
    }
  }

  async append(stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> {
    this.#checkOpen();
    checkStream(stream);
    if (expected !== 'none') checkRevision('The expected revision', expected);
    if (events.length === 0) throw new RangeError('An append needs at least one event.');
    const drafts = events.map((event) => draft(stream, event));
    const bytes = drafts.reduce((sum, { bytes: { length } }) => sum + length, 0);
    if (bytes > bytesPerAppend) {
      throw new EventTooLarge(
        `An append of ${bytes} bytes is over the limit of ${bytesPerAppend}; nothing was written.`,
      );
    }
    const appended = await this.#commits.submit(bytes, (writer) => writer.append(stream, drafts, expected));
    this.#wakeups.wake();
    return appended;
  }

  async *read(stream: string, from = 0): AsyncGenerator<Recorded> {
    checkStream(stream);
    checkRevision('The first revision to read', from);
    yield* readStream((look) => this.#view(look), stream, from);
  }

  follow(from: bigint | undefined, options: FollowOptions = {}): AsyncIterable<Batch> {
    return followLog(
      { view: (look) => (this.#closed ? undefined : this.#view(look)), wakeups: this.#wakeups },
      from,
      options,
    );
  }

  async head(): Promise<bigint> {
    return BigInt(this.#view((log) => log.lastPosition()));
  }

  async truncate(stream: string, before: number): Promise<void> {
    this.#checkOpen();
    checkStream(stream);
    checkRevision('The revision to truncate before', before);
    await this.#commits.submit(0, (writer) => writer.truncate(stream, before));
  }

  close(): Promise<void> {
    this.#closed ??= this.#commits.idle().then(() => this.#database.close());
    this.#wakeups.wake();
    return this.#closed;
  }

  #view<T>(look: (log: Log) => T): T {
    this.#checkOpen();
    try {
      this.#log.refresh();
      return look(this.#log);
    } catch (error) {
      throw toStoreError(error, this.#folder);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new Unavailable('The event store is closed.');
  }
}
