import type { Batch } from '@cartage/event-store';
import { pause } from './backoff.ts';

const lowest = 500; // events/s
/** What stands for the rate when trouble comes before any was measured. */
const presumed = 50_000;
/** Of the rate it had before, regained by each window that is written. */
const step = 0.05;

/** A write this many times slower per view than the store was lately is trouble, once it takes two seconds. */
const slow = 4;
const noticeable = 2_000; // ms
/** A write of fewer tells more of the store's latency than of what it can take. */
const fewViews = 2_000;
export type PaceOptions = {
  /** Events a second at most; unlimited by default. */
  readonly limit?: number;
  /** Awaited before each batch. */
  readonly rest?: () => Promise<void>;
  /** Of a clock that never goes back, ms. */
  readonly clock?: () => number;
};

/**
 * How fast the log is read, so that whoever else needs the store is not starved. A store that fails, throttles or becomes slow
 * halves the rate, and each window it takes adds to it until it is as it was (additive increase, multiplicative decrease: D.
 * Chiu, R. Jain, Computer Networks and ISDN Systems 17, 1989). It never falls below 500 events/s, or the limit if that is lower.
 */
export class Pace {
  readonly #limit: number;
  readonly #rest: (() => Promise<void>) | undefined;
  readonly #clock: () => number;
  #rate: number;
  /** What it had before the first of the troubles that are not over. */
  #full = presumed;
  #freeAt = 0;
  #measured: number | undefined;
  #writtenAt: number | undefined;
  /** ms per view. */
  #usual: number | undefined;

  constructor({ limit = Infinity, rest, clock = () => performance.now() }: PaceOptions = {}) {
    this.#limit = limit;
    this.#rest = rest;
    this.#rate = limit;
    this.#clock = clock;
  }

  /** Events a second at most as of now; Infinity when nothing holds it back. */
  get rate(): number {
    return this.#rate;
  }

  /** Resolves when so many events more may be read, or the signal fires. */
  async take(events: number, signal: AbortSignal): Promise<void> {
    await this.#rest?.();
    if (this.#rate === Infinity) return;
    const now = this.#clock();
    const from = Math.max(now, this.#freeAt);
    this.#freeAt = from + (events / this.#rate) * 1000;
    await pause(from - now, signal);
  }

  /** The store took a window: so many events, written as so many views in so many ms; `busy`: another window waits already. */
  wrote(events: number, views: number, ms: number, busy: boolean): void {
    this.#measure(events, busy);
    if (views >= fewViews) {
      const perView = ms / views;
      const isSlow = ms >= noticeable && perView > slow * (this.#usual ?? Infinity);
      this.#usual = blend(this.#usual, perView);
      if (isSlow) return this.failed();
    }
    if (this.#rate >= this.#limit || this.#rate === Infinity) return;
    const regained = this.#rate + this.#full * step;
    this.#rate = regained >= Math.min(this.#full, this.#limit) ? this.#limit : regained;
  }

  /** The store failed or throttled. */
  failed(): void {
    if (this.#rate >= this.#limit) this.#full = Math.min(this.#limit, this.#measured ?? presumed);
    const floor = Math.min(lowest, this.#limit);
    this.#rate = Math.max(floor, Math.min(this.#rate, this.#full) / 2);
  }

  #measure(events: number, busy: boolean): void {
    const now = this.#clock();
    const before = this.#writtenAt;
    this.#writtenAt = busy ? now : undefined;
    if (before === undefined || now <= before || this.#rate < this.#limit) return;
    this.#measured = blend(this.#measured, (events / (now - before)) * 1000);
  }
}

/** A mean in which the latest figures count most. */
const blend = (mean: number | undefined, figure: number): number =>
  mean === undefined ? figure : (mean * 3 + figure) / 4;

/** The batches, each when its turn has come. */
export async function* paced(
  batches: AsyncIterable<Batch>,
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    await pace.take(batch.events.length, signal);
    yield batch;
  }
}
