import type { PurgeWindow } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import type { Parked, ReadStore } from '@cartage/read-store';
import { foldCart } from './fold.ts';

/** The carts that could not be projected. They are passed over, so that nothing waits for them, until they are tried again. */
export class ParkedCarts {
  readonly #store: ReadStore;
  readonly #entries: Map<string, Parked>;

  private constructor(store: ReadStore, entries: readonly Parked[]) {
    this.#store = store;
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
  }

  /**
   * The carts that are still parked after each was tried again: this version may understand what another did not, and the
   * trouble may have been mended.
   */
  static async retry(events: EventStore, store: ReadStore, window: PurgeWindow): Promise<ParkedCarts> {
    const parked = new ParkedCarts(store, await store.parked());
    for (const { id } of parked.list) {
      if (!(await restore(events, store, id, window))) continue;
      await store.unpark(id);
      parked.#entries.delete(id);
    }
    return parked;
  }

  get list(): readonly Parked[] {
    return [...this.#entries.values()];
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Passed over from now on; {@link save} makes it last. */
  add(entry: Parked): void {
    this.#entries.set(entry.id, entry);
  }

  async save(entry: Parked): Promise<void> {
    this.add(entry);
    await this.#store.park(entry);
  }
}

/** Folds a cart from its stream and writes it, whatever the store holds of it. False when that cannot be done. */
export async function restore(
  events: EventStore,
  store: ReadStore,
  id: string,
  window: PurgeWindow,
): Promise<boolean> {
  try {
    const view = await foldCart(events, id, { window });
    if (view.revision < 0) return true;
    return (await store.put([view], 'fenced')).oversized.length === 0;
  } catch (error) {
    if (hasCode(error, 'undecodable') || hasCode(error, 'corrupted')) return false;
    throw error;
  }
}
