import type { PurgeWindow } from '@cartage/cart';
import { type Backoff, persist, Trouble, type TroubleStatus } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import type { Clock } from './clock.ts';

/** Views removed by one call; the pauses after it, in ms: while there are more to remove, and when there are none. */
const batch = 1_000;
const betweenBatches = 250;
const betweenRounds = 5 * 60_000;
const day = 24 * 60 * 60_000;

export type PurgeStatus = TroubleStatus & {
  /** Views removed since the process began. */
  readonly purged: number;
  /** When a round last found nothing left to remove, ms since the epoch. */
  readonly completedAt: number | undefined;
};

export type PurgeableStore = Pick<ReadStore, 'nativeTtl' | 'purge'>;

export type PurgeSweeperOptions = {
  readonly open: () => Promise<PurgeableStore>;
  readonly window: PurgeWindow;
  readonly clock: Clock;
  readonly onError: (error: Error) => void;
};

/**
 * Removes views that are past their `purgeAt` from a store that does not do so by itself: every day inside the off-peak window
 * and never outside it, in small batches with pauses, so that serving is not starved.
 */
export class PurgeSweeper {
  readonly #options: PurgeSweeperOptions;
  readonly #trouble: Trouble;
  #purged = 0;
  #completedAt: number | undefined;

  constructor(options: PurgeSweeperOptions) {
    this.#options = options;
    this.#trouble = new Trouble(options.onError);
  }

  status(): PurgeStatus {
    return { purged: this.#purged, completedAt: this.#completedAt, ...this.#trouble.status };
  }

  /** Until the signal fires; at once when the store needs no sweeping. */
  run(signal: AbortSignal): Promise<void> {
    return persist((backoff) => this.#sweep(signal, backoff), signal, this.#trouble.note);
  }

  async #sweep(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const { open, clock } = this.#options;
    const store = await open();
    while (!store.nativeTtl && !signal.aborted) {
      const rest = await this.#purge(store);
      backoff.reset();
      this.#trouble.clear();
      await clock.pause(rest, signal);
    }
  }

  /** Removes one batch if it is time; answers how long to rest after it, ms. */
  async #purge(store: PurgeableStore): Promise<number> {
    const { clock, window } = this.#options;
    const now = clock.now();
    const sinceOpening = (now - window.start) % day;
    if (sinceOpening >= window.length) return day - sinceOpening;
    const removed = await store.purge(now, batch);
    this.#purged += removed;
    if (removed === batch) return betweenBatches;
    this.#completedAt = now;
    return betweenRounds;
  }
}
