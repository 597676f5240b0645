import { bucketOf, partsOf, type PurgeWindow } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import type { BucketRange, Parked } from '@cartage/read-store';
import { isIn } from './checkpoint.ts';
import { foldCart } from './fold.ts';
import type { ProjectedStore } from './projected-store.ts';
import type { Until } from './stretch.ts';

/** The carts that could not be projected. They are passed over, so that nothing waits for them, until they are tried again. */
export class ParkedCarts {
  readonly #store: ProjectedStore;
  readonly #entries: Map<string, Parked>;
  /** Of the entries, those the store has. */
  readonly #saved: Set<string>;
  #refreshed: Promise<void> = Promise.resolve();

  private constructor(store: ProjectedStore, entries: readonly Parked[]) {
    this.#store = store;
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.#saved = new Set(this.#entries.keys());
  }

  /**
   * The carts of these buckets that are still parked after each was tried again: this version may understand what another did not, and the
   * trouble may have been mended.
   */
  static async retry(
    events: EventStore,
    store: ProjectedStore,
    window: PurgeWindow,
    buckets: BucketRange,
    until?: Until,
  ): Promise<ParkedCarts> {
    const entries = (await store.parked()).filter(({ id }) => isIn(buckets, bucketOf(partsOf(id).owner)));
    const parked = new ParkedCarts(store, entries);
    for (const { id } of parked.list) {
      if (await release(events, store, id, window, until)) parked.#delete(id);
    }
    return parked;
  }

  /**
   * No longer passes over carts that somebody took off the list, and catches up on what was passed over meanwhile. Of several at
   * once each resolves when the earlier ones have.
   */
  refresh(events: EventStore, window: PurgeWindow, until?: Until): Promise<void> {
    this.#refreshed = this.#refreshed.then(() => this.#refresh(events, window, until));
    return this.#refreshed;
  }

  async #refresh(events: EventStore, window: PurgeWindow, until?: Until): Promise<void> {
    if (this.#saved.size === 0) return;
    const listed = new Set((await this.#store.parked()).map(({ id }) => id));
    for (const id of [...this.#saved].filter((saved) => !listed.has(saved))) {
      // First of all: an event that comes by from here on is folded, and one before is in the stream that is restored.
      const entry = this.#entries.get(id);
      this.#delete(id);
      if (entry && !(await restore(events, this.#store, id, window, until))) await this.save(entry);
    }
  }

  get list(): readonly Parked[] {
    return [...this.#entries.values()];
  }

  has(id: string): boolean {
    return this.#entries.size > 0 && this.#entries.has(id);
  }

  /** Passed over from now on; {@link save} makes it last. */
  add(entry: Parked): void {
    this.#entries.set(entry.id, entry);
  }

  async save(entry: Parked): Promise<void> {
    this.add(entry);
    await this.#store.park(entry);
    this.#saved.add(entry.id);
  }

  #delete(id: string): void {
    this.#entries.delete(id);
    this.#saved.delete(id);
  }
}

/** Folds a cart from its stream and writes it, whatever the store holds of it. False when that cannot be done. */
export async function restore(
  events: EventStore,
  store: ProjectedStore,
  id: string,
  window: PurgeWindow,
  until?: Until,
): Promise<boolean> {
  try {
    const view = await foldCart(events, id, { window, ...(until && { until }) });
    if (view.revision < 0) return true;
    return (await store.put([view], 'fenced')).oversized.length === 0;
  } catch (error) {
    if (hasCode(error, 'undecodable') || hasCode(error, 'corrupted')) return false;
    throw error;
  }
}

/**
 * {@link restore}, and takes the cart off the list of the parked ones. What projections pass over until they find it gone is
 * in the view too: they look at the list before a checkpoint that covers it. False when the cart cannot be folded, and stays.
 */
export async function release(
  events: EventStore,
  store: ProjectedStore,
  id: string,
  window: PurgeWindow,
  until?: Until,
): Promise<boolean> {
  if (!(await restore(events, store, id, window, until))) return false;
  const entry = (await store.parked()).find((parked) => parked.id === id);
  await store.unpark(id);
  if (await restore(events, store, id, window, until)) return true;
  if (entry) await store.park(entry);
  return false;
}
