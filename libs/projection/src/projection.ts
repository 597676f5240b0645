import { type PurgeWindow, streamPrefixes } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import type { BucketRange } from '@cartage/read-store';
import { type Backoff, pause, persist } from './backoff.ts';
import { allBuckets, checkpointOf, checkWithin, loadCovered } from './checkpoint.ts';
import { Ending } from './ending.ts';
import { type Folded, Folding } from './folding.ts';
import type { GatheredCarts } from './gathering.ts';
import { Pace, paced } from './pace.ts';
import { ParkedCarts } from './parked.ts';
import type { ProjectedStore } from './projected-store.ts';
import { probeEvery, Progress, type ProjectionStatus } from './progress.ts';
import type { Seeding } from './seeding.ts';
import { type Gears, gears, seedGears, type Window, windows } from './source.ts';
import { Stretch, type Until } from './stretch.ts';
import { Trouble } from './trouble.ts';
import { writeViews, type Written } from './writing.ts';

export type ProjectionOptions = {
  readonly events: EventStore;
  readonly store: ProjectedStore;
  /** When views may be purged: it decides their `purgeAt`. */
  readonly purgeWindow: PurgeWindow;
  /** The carts it keeps; all of them by default. */
  readonly buckets?: BucketRange;
  /** Where it ends; never by default. */
  readonly until?: Until;
  /** Events a second at most; as many as the store takes by default. */
  readonly rate?: number;
  /** Awaited before each batch of the log is folded, so that the process may spare others on its machine. */
  readonly rest?: () => Promise<void>;
  /** How views are written until the end of the log is reached for the first time; like any others by default. */
  readonly seeding?: Seeding;
  /** Called when something begins to go wrong in another way than before. The projection goes on from it. */
  readonly onError?: (error: Error) => void;
  /** ms since the epoch; the machine's clock by default. */
  readonly now?: () => number;
};

type Settled = Required<Omit<ProjectionOptions, 'until' | 'rate' | 'rest' | 'seeding'>> &
  Pick<ProjectionOptions, 'until'>;
type CartWindow = Window<GatheredCarts>;

/**
 * At least once: after a crash or an error of a store it goes on from the stored checkpoint, which never passes an event whose
 * view is not written, and folds the same events again. The stores' fence ignores what they already have, so each view moves
 * forward only, and two projections into one store are merely wasteful.
 *
 *     log ──follow──▶ windows, folded in memory ──▶ fenced put ──▶ checkpoint, in the same store
 *
 * While one window is written the next is folded; there are never more than two, and the log waits. Far from the end of the log
 * windows are large, so that a cart's events make one write. A cart that cannot be folded is parked, and nothing waits for it.
 */
export class Projection {
  readonly #options: Settled;
  readonly #checkpoint: string;
  readonly #stretch: Stretch;
  readonly #pace: Pace;
  readonly #trouble: Trouble;
  readonly #progress: Progress;
  #seeding: Seeding | undefined;

  constructor({ rate, rest, seeding, ...options }: ProjectionOptions) {
    this.#options = { buckets: allBuckets, onError: () => {}, now: Date.now, ...options };
    this.#checkpoint = checkpointOf(this.#options.buckets);
    this.#stretch = new Stretch(options.until);
    this.#pace = new Pace({ ...(rate !== undefined && { limit: rate }), ...(rest && { rest }) });
    this.#trouble = new Trouble(this.#options.onError);
    this.#progress = new Progress(this.#options.now, this.#trouble, this.#pace);
    this.#seeding = seeding;
  }

  status(): ProjectionStatus {
    return this.#progress.status();
  }

  /**
   * Keeps the store as current as the log until the signal fires, or up to its end; then writes what it has read and resolves.
   * Errors of a store are retried for ever.
   *
   * @throws {CheckpointBeyondLog} the store was built from another log than this
   * @throws {TakenOver} another run rebuilds the store
   */
  async run(signal: AbortSignal): Promise<void> {
    const ending = new Ending(signal);
    void this.#progress.measure(this.#options.events, ending.signal);
    try {
      await persist((backoff) => this.#follow(signal, backoff), signal, this.#failed);
    } finally {
      ending.end();
    }
  }

  readonly #failed = (error: Error): void => {
    if (hasCode(error, 'checkpoint_beyond_log') || hasCode(error, 'taken_over')) throw error;
    this.#trouble.note(error);
    this.#seeding?.failed();
  };

  /** Begins at the stored checkpoint with nothing in memory: a store that failed may have come back older than it answered. */
  async #follow(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const { events, store, purgeWindow, buckets, until } = this.#options;
    const position = await loadCovered(events, store, buckets);
    const parked = await ParkedCarts.retry(events, store, purgeWindow, buckets, until);
    this.#progress.resumed(position, () => parked.list);
    const folding = new Folding(this.#options, parked);
    const ending = new Ending(signal);
    const watching = this.#watch(parked, ending.signal).catch(ending.fail);
    let written: Promise<unknown> = Promise.resolve();
    let savedBefore = Promise.resolve();
    let saved = Promise.resolve();
    try {
      for await (const window of this.#windows(folding, position, ending.signal)) {
        this.#progress.collected(window);
        const folded = await folding.finish(window.gathered);
        await Promise.all([written, savedBefore]);
        ending.check();
        const writing = this.#write(parked, window, folded);
        [written, savedBefore, saved] = [writing, saved, this.#save(parked, writing, saved, ending)];
        saved.then(() => backoff.reset(), ending.fail);
      }
      await saved;
    } catch (error) {
      ending.fail(error);
    }
    ending.end();
    await Promise.allSettled([saved, watching]);
    ending.check();
    if (!signal.aborted && !this.#stretch.isOver)
      throw new Error('The log is no longer followed: it was closed.');
  }

  #windows(folding: Folding, from: bigint | undefined, signal: AbortSignal): AsyncIterable<CartWindow> {
    const { events, buckets } = this.#options;
    const batches = events.follow(from, { prefixes: streamPrefixes(buckets), signal });
    const gearsNow = (): Gears => (this.#seeding?.hasFailed === false ? seedGears : gears);
    const inTime = paced(this.#stretch.of(batches, from), this.#pace, signal);
    return windows(inTime, () => folding.begin(), gearsNow);
  }

  async #write(parked: ParkedCarts, window: CartWindow, folded: Folded): Promise<Written> {
    const { store, now } = this.#options;
    const began = performance.now();
    try {
      const written = await writeViews(store, parked, window, folded, now(), this.#seeding);
      this.#pace.wrote(
        written.events,
        written.written + written.stale,
        performance.now() - began,
        !window.caughtUp,
      );
      if (window.caughtUp) await this.#seeding?.done();
      return written;
    } catch (error) {
      this.#pace.failed();
      throw error;
    }
  }

  /** In the order of the windows, and while the next is written: this checkpoint says nothing of its views. */
  async #save(
    parked: ParkedCarts,
    writing: Promise<Written>,
    savedBefore: Promise<void>,
    ending: Ending,
  ): Promise<void> {
    await Promise.allSettled([writing, savedBefore]);
    const written = await writing;
    // The store was out of reach meanwhile, and may have lost the views: its checkpoint must not cover them.
    ending.check();
    // Nobody would come back to what was passed over of a cart that is not on the list any more.
    if (written.skipped > 0) await this.#refresh(parked);
    if (written.position > this.#progress.position)
      await this.#options.store.saveCheckpoint(this.#checkpoint, written.position);
    // Not before: who goes on from the checkpoint before has to leave out what this run left out.
    if (written.caughtUp) this.#seeding = undefined;
    this.#progress.saved(written);
  }

  /** Notices, also when there is nothing to write, that a store is out of reach, and that the log is older than the store. */
  async #watch(parked: ParkedCarts, signal: AbortSignal): Promise<void> {
    const { events, store } = this.#options;
    for (; !signal.aborted; await pause(probeEvery, signal)) {
      await store.checkpoints();
      await this.#refresh(parked);
      await checkWithin(events, this.#checkpoint, this.#progress.position);
      this.#progress.answered();
    }
  }

  #refresh(parked: ParkedCarts): Promise<void> {
    const { events, purgeWindow, until } = this.#options;
    return parked.refresh(events, purgeWindow, until);
  }
}
