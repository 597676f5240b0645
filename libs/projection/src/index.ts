import type { PurgeWindow } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { type Backoff, pause, persist } from './backoff.ts';
import { cartsCheckpoint, checkWithin, loadCheckpoint } from './checkpoint.ts';
import { type Folded, Folding } from './folding.ts';
import { Ending } from './ending.ts';
import { ParkedCarts } from './parked.ts';
import { Progress, type ProjectionStatus } from './progress.ts';
import { type Window, windows } from './source.ts';
import { Trouble } from './trouble.ts';
import { writeViews, type Written } from './writing.ts';

export * from './backoff.ts';
export { cartsCheckpoint, CheckpointBeyondLog, loadCheckpoint } from './checkpoint.ts';
export * from './fold.ts';
export * from './merges.ts';
export * from './record.ts';
export type { ProjectionStatus } from './progress.ts';
export * from './trouble.ts';

export type ProjectionOptions = {
  readonly events: EventStore;
  readonly store: ReadStore;
  /** When views may be purged: it decides their `purgeAt`. */
  readonly purgeWindow: PurgeWindow;
  /** Called when something begins to go wrong in another way than before. The projection goes on from it. */
  readonly onError?: (error: Error) => void;
  /** ms since the epoch; the machine's clock by default. */
  readonly now?: () => number;
};

const probeEvery = 2_000;

/**
 * At least once: after a crash or an error of a store it goes on from the stored checkpoint, which never passes an event whose
 * view is not written, and folds the same events again. The stores' fence ignores what they already have, so each view moves
 * forward only, and two projections into one store are merely wasteful.
 *
 *     log ──follow──▶ windows ──▶ fold in memory ──▶ fenced put ──▶ checkpoint, in the same store
 *
 * While one window is written the next is folded; there are never more than two, and the log waits. A cart that cannot be folded
 * is parked, and nothing waits for it.
 */
export class Projection {
  readonly #options: Required<ProjectionOptions>;
  readonly #trouble: Trouble;
  readonly #progress: Progress;

  constructor(options: ProjectionOptions) {
    this.#options = { onError: () => {}, now: Date.now, ...options };
    this.#trouble = new Trouble(this.#options.onError);
    this.#progress = new Progress(this.#options.now, this.#trouble);
  }

  status(): ProjectionStatus {
    return this.#progress.status();
  }

  /**
   * Keeps the store as current as the log until the signal fires; then writes what it has read and resolves. Errors of a store
   * are retried for ever.
   *
   * @throws {CheckpointBeyondLog} the store was built from another log than this
   */
  run(signal: AbortSignal): Promise<void> {
    return persist(
      (backoff) => this.#follow(signal, backoff),
      signal,
      (error) => {
        if (hasCode(error, 'checkpoint_beyond_log')) throw error;
        this.#trouble.note(error);
      },
    );
  }

  /** Begins at the stored checkpoint with nothing in memory: a store that failed may have come back older than it answered. */
  async #follow(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const { events, store, purgeWindow, now } = this.#options;
    const position = await loadCheckpoint(events, store, cartsCheckpoint);
    const parked = await ParkedCarts.retry(events, store, purgeWindow);
    this.#progress.resumed(position, () => parked.list);
    const folding = new Folding(this.#options, parked);
    const ending = new Ending(signal);
    const watching = this.#watch(ending.signal).catch(ending.fail);
    let written: Promise<unknown> = Promise.resolve();
    let savedBefore = Promise.resolve();
    let saved = Promise.resolve();
    try {
      const batches = events.follow(position, { prefixes: ['cart-'], signal: ending.signal });
      for await (const window of windows(batches)) {
        const folded = await this.#fold(folding, window);
        await Promise.all([written, savedBefore]);
        ending.check();
        const writing = writeViews(store, parked, window, folded, now());
        [written, savedBefore, saved] = [writing, saved, this.#save(writing, saved, ending)];
        saved.then(() => backoff.reset(), ending.fail);
      }
      await saved;
    } catch (error) {
      ending.fail(error);
    }
    ending.end();
    await Promise.allSettled([saved, watching]);
    ending.check();
    if (!signal.aborted) throw new Error('The log is no longer followed: it was closed.');
  }

  #fold(folding: Folding, window: Window): Promise<Folded> {
    this.#progress.collected(window);
    return folding.fold(window);
  }

  /** In the order of the windows, and while the next is written: this checkpoint says nothing of its views. */
  async #save(writing: Promise<Written>, savedBefore: Promise<void>, ending: Ending): Promise<void> {
    await Promise.allSettled([writing, savedBefore]);
    const written = await writing;
    // The store was out of reach meanwhile, and may have lost the views: its checkpoint must not cover them.
    ending.check();
    if (written.position > this.#progress.position)
      await this.#options.store.saveCheckpoint(cartsCheckpoint, written.position);
    this.#progress.saved(written);
  }

  /** Notices, also when there is nothing to write, that a store is out of reach, and that the log is older than the store. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { events, store } = this.#options;
    for (; !signal.aborted; await pause(probeEvery, signal)) {
      await store.checkpoints();
      this.#progress.answered(await checkWithin(events, cartsCheckpoint, this.#progress.position));
    }
  }
}
