import { Unavailable } from '@cartage/event-store';
import { type Address, placeOf } from './address.ts';
import { Client, type Credentials } from './client.ts';
import { isAnswer, toStoreError } from './errors.ts';

/** ms for an answer, be it a page. A command may wait for another's before it: both are over within the 10 s that clients wait. */
const answerLimit = 4_000;
const youngest = 1_000; // ms: a client that failed is not replaced before, or a server that is down would be flooded

/**
 * A client and its successors. The driver notices a frozen server after 17 s and keeps some failures for ever: a call has a
 * time limit of its own here, and a client of which nothing was heard since then is replaced.
 */
export class Lane {
  readonly place: string;
  readonly #make: () => Client;
  #client: Client;
  /** Resolves when those that were replaced are gone. */
  #gone: Promise<unknown> = Promise.resolve();

  constructor(address: Address, credentials: Credentials | undefined) {
    this.place = placeOf(address);
    this.#make = () => new Client(address, credentials);
    this.#client = this.#make();
  }

  /** The client for calls that have no end, which nobody times. */
  get client(): Client {
    return this.#client;
  }

  /**
   * @throws {Unavailable} no answer within 4 s, or none that can be relied on: the outcome is unknown
   * @throws what else {@link toStoreError} makes of the driver's error
   */
  async run<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client;
    const began = performance.now();
    try {
      const result = await inTime(work(client), this.place);
      client.answeredAt = performance.now();
      return result;
    } catch (error) {
      if (isAnswer(error)) client.answeredAt = performance.now();
      else if (client.answeredAt < began) this.#replace(client);
      throw toStoreError(error, this.place);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#gone, this.#client.retire()]);
  }

  #replace(failed: Client): void {
    if (failed !== this.#client || performance.now() - failed.madeAt < youngest) return;
    this.#client = this.#make();
    this.#gone = Promise.all([this.#gone, failed.retire()]);
  }
}

/** The outcome of `work`, unless it takes longer than the limit. */
function inTime<T>(work: Promise<T>, place: string): Promise<T> {
  const late = `${place} did not answer within ${answerLimit / 1000} s.`;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Unavailable(late)), answerLimit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
