import { type CartView, decodeEvent, emptyView, project, type PurgeWindow, settled } from '@cartage/cart';
import { type EventStore, hasCode, type Recorded } from '@cartage/event-store';
import type { BucketRange, Parked } from '@cartage/read-store';
import { foldCart } from './fold.ts';
import { type GatheredCart, GatheredCarts } from './gathering.ts';
import { type ParkedCarts, restore } from './parked.ts';
import type { Until } from './stretch.ts';
import { ViewCache } from './view-cache.ts';
import type { ProjectedStore } from './projected-store.ts';

/** A cart with its last state in the window, which is ahead of what was known of it. */
export type MovedCart = Readonly<Omit<GatheredCart, 'draft'>> & { readonly view: CartView };

/** What a window comes to. */
export type Folded = Pick<GatheredCarts, 'events' | 'begun' | 'skipped'> & {
  readonly moved: readonly MovedCart[];
  /** Carts to be parked. */
  readonly parked: readonly Parked[];
  /** Carts folded from their stream, because the view before an event was missing. */
  readonly gaps: number;
};

/** A cart as far as it can be folded, and the event that cannot. */
type Outcome = {
  readonly view: CartView;
  readonly healed?: true;
  readonly poison?: Pick<Parked, 'revision' | 'reason'> & { readonly position: bigint };
};

export type FoldingOptions = {
  readonly events: EventStore;
  readonly store: ProjectedStore;
  readonly buckets: BucketRange;
  readonly purgeWindow: PurgeWindow;
  /** Where the log ends for this projection. */
  readonly until?: Until;
  readonly now: () => number;
};

/** Of views that were folded lately, beside the two windows in memory, bytes: some 65,000 carts of four lines. */
const cacheCapacity = 64 * 1_048_576;

/** Folds windows in memory. The views it does not hold are loaded by one `getMany` a window. */
export class Folding {
  readonly #options: FoldingOptions;
  readonly #parked: ParkedCarts;
  readonly #views = new ViewCache(cacheCapacity);

  constructor(options: FoldingOptions, parked: ParkedCarts) {
    this.#options = options;
    this.#parked = parked;
  }

  /** Begins a window. The one before it must be finished. */
  begin(): GatheredCarts {
    return new GatheredCarts({ ...this.#options, views: this.#views, parked: this.#parked });
  }

  /** Folds what had to wait while the window was gathered. */
  async finish(gathered: GatheredCarts): Promise<Folded> {
    const { events, begun, skipped } = gathered;
    const unreadable = await this.#load([...gathered.all()].filter(isUnknown));
    const moved: MovedCart[] = [];
    const parked: Parked[] = [];
    let gaps = 0;
    for (const cart of gathered.all()) {
      const { id, known, draft, waiting, position } = cart;
      let view = draft ? settled(draft, this.#options.purgeWindow) : known;
      if (waiting.length > 0) {
        const outcome = await this.#foldWaiting(cart, view, unreadable.get(id));
        view = rising(outcome.view, known);
        if (outcome.healed) gaps += 1;
        if (outcome.poison) parked.push(this.#park(id, outcome.poison));
      }
      if (view && view.revision > (known?.revision ?? -1)) moved.push({ id, known, view, waiting, position });
    }
    for (const { view } of moved) this.#views.set(view);
    return { events, begun, skipped, moved, parked, gaps };
  }

  /** Answers why a view could not be loaded, by cart. */
  async #load(carts: readonly GatheredCart[]): Promise<ReadonlyMap<string, string>> {
    const unreadable = new Map<string, string>();
    if (carts.length === 0) return unreadable;
    try {
      await this.#loadViews(carts);
    } catch (error) {
      if (!hasCode(error, 'corrupted')) throw error;
      for (const cart of carts) {
        const reason = await this.#loadDamaged(cart);
        if (reason !== undefined) unreadable.set(cart.id, reason);
      }
    }
    return unreadable;
  }

  async #loadViews(carts: readonly GatheredCart[]): Promise<void> {
    const views = await this.#options.store.getMany(carts.map(({ id }) => id));
    for (const [index, cart] of carts.entries()) cart.known = views[index];
  }

  /** One of these rows is damaged: if it is this one, it is written anew from the log. */
  async #loadDamaged(cart: GatheredCart): Promise<string | undefined> {
    const { events, store, purgeWindow, until } = this.#options;
    try {
      await this.#loadViews([cart]);
      return undefined;
    } catch (error) {
      if (!hasCode(error, 'corrupted')) throw error;
      if (!(await restore(events, store, cart.id, purgeWindow, until))) return error.message;
      await this.#loadViews([cart]);
      return undefined;
    }
  }

  async #foldWaiting(
    { id, waiting }: GatheredCart,
    reached = emptyView(id),
    unreadable?: string,
  ): Promise<Outcome> {
    const [first] = waiting;
    if (first && unreadable !== undefined) return poisoned(reached, first, unreadable);
    let view = reached;
    for (const recorded of waiting) {
      const { revision } = recorded;
      if (revision <= view.revision) continue;
      if (revision > view.revision + 1) return this.#heal(id, recorded);
      try {
        view = project(view, decodeEvent(recorded), revision, this.#options.purgeWindow);
      } catch (error) {
        if (!hasCode(error, 'undecodable')) throw error;
        return poisoned(view, recorded, error.message);
      }
    }
    return { view };
  }

  /** Takes the cart from its stream: the store lost its row or is behind, the stream was truncated, or somebody edited. */
  async #heal(id: string, gap: Recorded): Promise<Outcome> {
    const { events, purgeWindow: window, until } = this.#options;
    let view = emptyView(id);
    try {
      await foldCart(events, id, {
        window,
        ...(until && { until }),
        onEvent: (_, __, next) => (view = next),
      });
      return { view, healed: true };
    } catch (error) {
      if (!hasCode(error, 'undecodable')) throw error;
      const revision = view.revision < 0 ? gap.revision : view.revision + 1;
      return poisoned(view, { ...gap, revision }, error.message);
    }
  }

  #park(id: string, { revision, position, reason }: NonNullable<Outcome['poison']>): Parked {
    const entry = { id, revision, position: `${position}`, reason, parkedAt: this.#options.now() };
    this.#parked.add(entry);
    return entry;
  }
}

const isUnknown = ({ known, waiting }: GatheredCart): boolean => !known && waiting.length > 0;

/** A truncated stream may give a lower write time than the row has: the row would win for ever. */
const rising = (view: CartView, { writeTime = 0 }: Partial<CartView> = {}): CartView =>
  view.writeTime > writeTime ? view : { ...view, writeTime: writeTime + 1 };

const poisoned = (view: CartView, { revision, position }: Recorded, reason: string): Outcome => ({
  view,
  poison: { revision, position, reason },
});
