import { Calls, InvalidAddress, retrying, Unavailable } from '@cartage/read-store/adapting';
import { type Collection, type Db, type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { type Address, placeOf } from './address.ts';
import { isTransient, toStoreError } from './errors.ts';

/** ms until a request gives up, over all its attempts; a write gets some more for each of its documents. */
export const limits = { request: 3_000, document: 7, indexes: 15_000 } as const;

export type ConnectionOptions = {
  /** Hears of every command that is sent. For tests and measurements: it doubles the cost of reads. */
  readonly onCommand?: (name: string, command: Document) => void;
};

/** A document as stored. */
export type Stored = { readonly _id: string; readonly [field: string]: unknown };

/** Puts a document in the place of the one that `q` finds; inserts it where it finds none. */
export type Upsert = { readonly q: { readonly _id: string } & Document; readonly u: Document };

/** What a request is sent with. All take the signal: the driver has no other time limit that works. */
export type Request<T> = (db: Db, signal: AbortSignal) => Promise<T>;

/** The driver's client. It connects at the first request; once it was connected, again by itself. */
export class Connection {
  readonly place: string;
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #calls: Calls;
  #breaks = 0;
  #isConnected = false;
  #connecting: Promise<unknown> | undefined;

  /** @throws {InvalidAddress} the driver does not take the value of a setting */
  constructor(address: Address, options: ConnectionOptions = {}) {
    this.place = placeOf(address);
    this.#calls = new Calls(this.place);
    this.#client = clientOf(address, options);
    this.#database = this.#client.db(address.database);
    this.#client.on('connectionClosed', () => {
      this.#breaks += 1;
    });
  }

  /** Rises whenever a connection ended: what answers since then may be another server, or an empty one. */
  get breaks(): number {
    return this.#breaks;
  }

  /** What a store's caller asked for, with all its requests: `close` waits for it. */
  during<T>(work: () => Promise<T>): Promise<T> {
    return this.#calls.during(work);
  }

  /**
   * Sends a request that may be repeated harmlessly, a few times where that may help.
   *
   * @throws {Unavailable} no answer within `limit` ms, or none that can be relied on: the outcome is unknown
   */
  async send<T>(request: Request<T>, limit: number = limits.request): Promise<T> {
    // AbortSignal.timeout would keep each signal until its time has come.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), limit);
    try {
      return await this.#attempts(request, deadline.signal);
    } catch (error) {
      if (!deadline.signal.aborted) throw toStoreError(error, this.place);
      throw new Unavailable(`${this.place} did not answer within ${limit / 1000} s.`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Writes all in one command, acknowledged by a majority. Answers which of them, by index, were refused because the document
   * is there and `q` does not find it. A server says the same of one of two that insert the same document at once: hence what
   * it refuses is sent once more, and finds the other's.
   *
   * @throws {Unavailable}
   */
  async upsert(collection: string, upserts: readonly Upsert[]): Promise<readonly number[]> {
    const refused = await this.#upsertOnce(collection, upserts);
    if (refused.length === 0) return [];
    const again = refused.flatMap((index) => upserts[index] ?? []);
    return (await this.#upsertOnce(collection, again)).flatMap((index) => refused[index] ?? []);
  }

  /** Removes what the filter finds; answers how many. @throws {Unavailable} */
  async remove(collection: string, filter: Parameters<Collection<Stored>['deleteMany']>[0]): Promise<number> {
    const command = { delete: collection, writeConcern, deletes: [{ q: filter, limit: 0 }] };
    const answer = await this.send((db, signal) => db.command(command, { signal }));
    refusedIn(answer, this.place);
    return Number(answer['n']);
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    return this.#calls.close(() => this.#release());
  }

  #attempts<T>(request: Request<T>, signal: AbortSignal): Promise<T> {
    const attempt = async (): Promise<T> => {
      if (!this.#isConnected) await this.#connect(signal);
      return request(this.#database, signal);
    };
    return retrying(attempt, { isTransient: (error) => !signal.aborted && isTransient(error) });
  }

  /** Left to itself, the driver answers everything with "Topology is closed" for ever after it failed to connect once. */
  async #connect(signal: AbortSignal): Promise<void> {
    this.#connecting ??= this.#client.connect().finally(() => {
      this.#connecting = undefined;
    });
    await Promise.race([this.#connecting, untilAborted(signal)]);
    this.#isConnected = true;
  }

  /** A plain command: the driver's `bulkWrite` reports a lost connection as a success, and takes no signal. */
  async #upsertOnce(collection: string, upserts: readonly Upsert[]): Promise<readonly number[]> {
    const updates = upserts.map(({ q, u }) => ({ q, u, upsert: true }));
    // What stands behind a refused one is to be written all the same.
    const command = { update: collection, ordered: false, writeConcern, updates };
    const limit = limits.request + limits.document * upserts.length;
    return refusedIn(await this.send((db, signal) => db.command(command, { signal }), limit), this.place);
  }

  async #release(): Promise<void> {
    // The driver says goodbye to the server, and waits for as long as it takes.
    const waited = new Promise<void>((resolve) => setTimeout(resolve, limits.request).unref());
    await Promise.race([this.#client.close(), waited]);
  }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** Commands inherit none from the client. */
const writeConcern = { w: 'majority', wtimeout: limits.indexes } as const;

/** @throws {Unavailable} something was refused for another reason than E11000 */
function refusedIn({ writeErrors = [] }: Document, place: string): readonly number[] {
  const errors = writeErrors as readonly { index: number; code: number; errmsg?: string }[];
  const other = errors.find(({ code }) => code !== 11_000);
  if (other) throw new Unavailable(`${place} refused a write: ${other.code} ${other.errmsg}`);
  return errors.map(({ index }) => index);
}

function clientOf(address: Address, { onCommand }: ConnectionOptions): MongoClient {
  const { srv, hosts, database, credentials, settings } = address;
  const url = `mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/${database}?${new URLSearchParams(settings).toString()}`;
  try {
    const client = new MongoClient(url, {
      ...optionsFor(settings),
      ...(credentials && { auth: credentials }),
      monitorCommands: onCommand !== undefined,
    });
    client.on('commandStarted', ({ commandName, command }) => onCommand?.(commandName, command));
    return client;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new InvalidAddress('MongoDB', `settings that its driver takes (${said})`);
  }
}

const optionsFor = (settings: Address['settings']): MongoClientOptions => ({
  // What is read was acknowledged by a majority, so that no fail-over takes it back; the primary has it first.
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority' },
  // Firewalls forget connections that were silent for long.
  keepAliveInitialDelay: 30_000,
  // Each is less than the next, and all than a request's limit: so errors say why there is no server.
  connectTimeoutMS: 1_500,
  serverSelectionTimeoutMS: 2_000,
  waitQueueTimeoutMS: 2_000,
  // A backstop for what takes no signal, such as goodbyes.
  socketTimeoutMS: limits.indexes + 5_000,
  // How soon a server that froze is left alone, and one that is back is found.
  heartbeatFrequencyMS: 2_000,
  // Repeating is ours: it keeps to the request's limit.
  retryReads: false,
  retryWrites: false,
  maxAdaptiveRetries: 0,
  // Reads and writes are gathered: few are under way at once.
  ...(settings['maxPoolSize'] === undefined && { maxPoolSize: 32 }),
  // What an operator finds in the server's log.
  ...(settings['appName'] === undefined && { appName: 'cartage' }),
});
