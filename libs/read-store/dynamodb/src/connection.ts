import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { retrying, Unavailable } from '@cartage/read-store/adapting';
import { type Address, placeOf } from './address.ts';
import { isNamed, isTransient, toStoreError } from './errors.ts';

/** Connections at most. Requests beyond wait for one, which counts as connecting: an engine that is too slow is unavailable. */
const maxSockets = 256;

/** A client of a DynamoDB and the name of one table in it. */
export class Connection {
  readonly table: string;
  readonly #client: DynamoDB;
  readonly place: string;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(address: Address, table: string) {
    this.table = table;
    this.place = placeOf(address);
    this.#client = clientOf(address);
  }

  /** What a store's caller asked for, with all its requests: `close` waits for it. */
  during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(new Unavailable(`The read store in ${this.place} is closed.`));
    const running = work();
    this.#running.add(running);
    const done = (): boolean => this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  /**
   * Sends a request that may be repeated harmlessly. It ends within 2 s, or a little more when it is repeated.
   *
   * @throws {Unavailable} no answer, or a refusal
   * @throws {Corrupted} the table is not as this adapter makes it
   */
  async send<T>(request: (client: DynamoDB) => Promise<T>): Promise<T> {
    try {
      return await retrying(() => request(this.#client), { isTransient });
    } catch (error) {
      throw toStoreError(error, this.place, this.table);
    }
  }

  /** As {@link send}; undefined where the server answers with one of these errors. */
  sendUnless<T>(
    errors: readonly string[],
    request: (client: DynamoDB) => Promise<T>,
  ): Promise<T | undefined> {
    return this.send(async (client) => {
      try {
        return await request(client);
      } catch (error) {
        if (isNamed(error, ...errors)) return undefined;
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#running).then(() => this.#client.destroy());
    return this.#closing;
  }
}

/**
 * Sends items until the engine has taken all: what it left over, again, after a pause.
 *
 * @throws {Unavailable} it took none, five times in a row
 */
export async function sendAll<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<readonly T[]>,
): Promise<void> {
  let left = items;
  for (let vain = 0; ;) {
    const before = left.length;
    left = await send(left);
    if (left.length === 0) return;
    vain = left.length < before ? 0 : vain + 1;
    if (vain === 5) throw new Unavailable('DynamoDB takes no more for now.', { throttled: true });
    await sleep(Math.random() * 25 * 2 ** vain);
  }
}

/** Works on several items at once. After a failure it begins none, and throws when those begun have ended. */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  // A generator, because the loop that fails ends it for the others.
  const queue = (function* () {
    yield* items;
  })();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function clientOf({ region, endpoint }: Address): DynamoDB {
  const client = new DynamoDB({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(hasNoCredentials(endpoint) && { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    // Repeating is ours: the driver's repeats share a quota, and its adaptive mode stalls all calls of the client.
    maxAttempts: 1,
    retryMode: 'standard',
    // Otherwise the list of middlewares is rebuilt for each request: a tenth of its cost.
    cacheMiddleware: true,
    requestHandler: {
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
      connectionTimeout: 1_000, // ms
      requestTimeout: 2_000, // ms
      // Without it, an overdue request is only complained of.
      throwOnRequestTimeout: true,
    },
  });
  // They tell AWS which program asks, and a logger that is none: a quarter of a request's cost.
  for (const name of ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'])
    client.middlewareStack.remove(name);
  return client;
}

/** A server on this machine that stands in for AWS takes any; whoever has some keeps them. */
const hasNoCredentials = (endpoint: string | undefined): boolean =>
  endpoint !== undefined &&
  /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(endpoint) &&
  !process.env['AWS_ACCESS_KEY_ID'];
