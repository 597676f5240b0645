import type { Batch, Recorded } from '@cartage/event-store';

const mostEvents = 2_000;

/** What came from the log and was not taken yet: one batch, beside the one the consumer has. */
export class Feed {
  #events: Recorded[] = [];
  /** Up to here everything that matches was added. */
  #position: bigint;
  #isLive = false;
  /** What the consumer knows. */
  #told: { readonly position: bigint; readonly caughtUp: boolean };
  #wake: () => void = () => undefined;

  constructor(from: bigint) {
    this.#position = from;
    this.#told = { position: from, caughtUp: false };
  }

  get position(): bigint {
    return this.#position;
  }

  get isFull(): boolean {
    return this.#events.length >= mostEvents;
  }

  /** Whether nothing but new events is to come, as far as is known. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Ignores what was added before: after a reconnect nothing may come twice. */
  add(event: Recorded): void {
    if (event.position <= this.#position) return;
    this.#events.push(event);
    this.#moveOn(event.position);
  }

  /** All up to there was looked at. */
  reach(position: bigint): void {
    if (position > this.#position) this.#moveOn(position);
  }

  /** The end of the log was reached, which is at `position` or beyond. */
  goLive(position: bigint): void {
    this.#isLive = true;
    this.reach(position);
    this.wake();
  }

  fallBehind(): void {
    this.#isLive = false;
  }

  /** The next batch, which makes room; undefined when the consumer knows all there is to know. */
  take(): Batch | undefined {
    const batch = { events: this.#events, position: this.#position, caughtUp: this.#isLive };
    const isNews = batch.position > this.#told.position || (batch.caughtUp && !this.#told.caughtUp);
    if (!isNews) return undefined;
    this.#events = [];
    this.#told = batch;
    this.wake();
    return batch;
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake();
  }

  #moveOn(position: bigint): void {
    this.#position = position;
    this.#wake();
  }
}
