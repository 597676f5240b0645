import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { Calls, retrying, Unavailable } from '@cartage/read-store/adapting';
import { type Address, placeOf } from './address.ts';
import { isNamed, isTransient, toStoreError } from './errors.ts';

// The SDK tells each process on Node 20 that a later version of it will want another, which helps nobody who runs this one.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Connections at most. Requests beyond wait for one, which counts as connecting: an engine that is too slow is unavailable. */
const maxSockets = 256;

/** A client of a DynamoDB and the name of one table in it. */
export class Connection {
  readonly place: string;
  readonly table: string;
  readonly #client: DynamoDB;
  readonly #calls: Calls;

  constructor(address: Address, table: string) {
    this.place = placeOf(address);
    this.table = table;
    this.#calls = new Calls(this.place);
    this.#client = clientOf(address);
  }

  /** What a store's caller asked for, with all its requests: `close` waits for it. */
  during<T>(work: () => Promise<T>): Promise<T> {
    return this.#calls.during(work);
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
    return this.#calls.close(() => this.#client.destroy());
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
