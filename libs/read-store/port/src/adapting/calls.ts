import { Unavailable } from './errors.ts';

/** The calls of a store that are under way: closing waits for them, and refuses those that come later. */
export class Calls {
  readonly #place: string;
  #running = 0;
  #onIdle = (): void => undefined;
  #closing: Promise<void> | undefined;

  /** `place`: what the engine may be called in messages. */
  constructor(place: string) {
    this.#place = place;
  }

  /**
   * What a store's caller asked for, with all its requests.
   *
   * @throws {Unavailable} the store is closed
   */
  during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(new Unavailable(`The read store in ${this.#place} is closed.`));
    this.#running += 1;
    const running = work();
    running.then(this.#ended, this.#ended);
    return running;
  }

  /** Releases once, when the last call has ended. Idempotent. */
  close(release: () => unknown): Promise<void> {
    this.#closing ??= this.#idle().then(async () => {
      await release();
    });
    return this.#closing;
  }

  #idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    // In a later turn: callers hear of the end before what they called is released.
    return new Promise((resolve) => (this.#onIdle = () => void setImmediate(resolve)));
  }

  readonly #ended = (): void => {
    this.#running -= 1;
    if (this.#running === 0) this.#onIdle();
  };
}
