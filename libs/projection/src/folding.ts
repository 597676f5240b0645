import { type CartView, decodeEvent, emptyView, project, type PurgeWindow } from '@cartage/cart';
import { type EventStore, hasCode, type Recorded } from '@cartage/event-store';
import type { Parked, ReadStore } from '@cartage/read-store';
import { foldCart } from './fold.ts';
import { type ParkedCarts, restore } from './parked.ts';
import type { Window } from './source.ts';
import { ViewCache } from './view-cache.ts';

/** What a window comes to. */
export type Folded = {
  /** The last state of each cart that moved forward. */
  readonly views: readonly CartView[];
  /** Carts to be parked. */
  readonly parked: readonly Parked[];
  /** Carts folded from their stream, because the view before an event was missing. */
  readonly gaps: number;
  /** Events passed over: of parked carts, and of streams that are no cart's. */
  readonly skipped: number;
};

/** A cart as far as it can be folded, and the event that cannot. */
type Outcome = {
  readonly view: CartView;
  readonly healed?: true;
  readonly poison?: Pick<Parked, 'revision' | 'reason'> & { readonly position: bigint };
};

export type FoldingOptions = {
  readonly events: EventStore;
  readonly store: ReadStore;
  readonly purgeWindow: PurgeWindow;
  readonly now: () => number;
};

/** A hundred thousand carts without lines, or a thousand full ones: at least what two windows hold. */
const cacheCapacity = 101_000;

/** Folds windows in memory. The views it does not hold are loaded by one `getMany` a window. */
export class Folding {
  readonly #options: FoldingOptions;
  readonly #parked: ParkedCarts;
  readonly #views = new ViewCache(cacheCapacity);

  constructor(options: FoldingOptions, parked: ParkedCarts) {
    this.#options = options;
    this.#parked = parked;
  }

  async fold({ carts, foreign }: Window): Promise<Folded> {
    const views: CartView[] = [];
    const parked: Parked[] = [];
    let skipped = foreign;
    const unreadable = await this.#load([...carts.keys()]);
    let gaps = 0;
    for (const [id, events] of carts) {
      if (this.#parked.has(id)) {
        skipped += events.length;
        continue;
      }
      const known = this.#views.get(id) ?? emptyView(id);
      const { view, healed, poison } = await this.#foldCart(known, events, unreadable.get(id));
      if (view.revision > known.revision) views.push(this.#keep(view, known));
      if (healed) gaps += 1;
      if (poison) parked.push(this.#park(id, poison));
    }
    return { views, parked, gaps, skipped };
  }

  /** Answers why a view could not be loaded, by cart. */
  async #load(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const missing = ids.filter((id) => !this.#views.has(id) && !this.#parked.has(id));
    const unreadable = new Map<string, string>();
    if (missing.length === 0) return unreadable;
    try {
      await this.#loadViews(missing);
    } catch (error) {
      if (!hasCode(error, 'corrupted')) throw error;
      for (const id of missing) {
        const reason = await this.#loadDamaged(id);
        if (reason !== undefined) unreadable.set(id, reason);
      }
    }
    return unreadable;
  }

  async #loadViews(ids: readonly string[]): Promise<void> {
    for (const view of await this.#options.store.getMany(ids)) if (view) this.#views.set(view);
  }

  /** One of these rows is damaged: if it is this one, it is written anew from the log. */
  async #loadDamaged(id: string): Promise<string | undefined> {
    const { events, store, purgeWindow } = this.#options;
    try {
      await this.#loadViews([id]);
      return undefined;
    } catch (error) {
      if (!hasCode(error, 'corrupted')) throw error;
      if (!(await restore(events, store, id, purgeWindow))) return error.message;
      await this.#loadViews([id]);
      return undefined;
    }
  }

  async #foldCart(known: CartView, events: readonly Recorded[], unreadable?: string): Promise<Outcome> {
    const [first] = events;
    if (first && unreadable !== undefined) return poisoned(known, first, unreadable);
    let view = known;
    for (const recorded of events) {
      const { revision } = recorded;
      if (revision <= view.revision) continue;
      if (revision > view.revision + 1) return this.#heal(known, recorded);
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
  async #heal(known: CartView, gap: Recorded): Promise<Outcome> {
    const { events, purgeWindow: window } = this.#options;
    let view = emptyView(known.id);
    try {
      await foldCart(events, known.id, { window, onEvent: (_, __, next) => (view = next) });
      return { view, healed: true };
    } catch (error) {
      if (!hasCode(error, 'undecodable')) throw error;
      const revision = view.revision < 0 ? gap.revision : view.revision + 1;
      return poisoned(view, { ...gap, revision }, error.message);
    }
  }

  /** A truncated stream may give a lower write time than the row has: the row would win for ever. */
  #keep(view: CartView, known: CartView): CartView {
    const rising = view.writeTime > known.writeTime ? view : { ...view, writeTime: known.writeTime + 1 };
    this.#views.set(rising);
    return rising;
  }

  #park(id: string, { revision, position, reason }: NonNullable<Outcome['poison']>): Parked {
    const entry = { id, revision, position: `${position}`, reason, parkedAt: this.#options.now() };
    this.#parked.add(entry);
    return entry;
  }
}

const poisoned = (view: CartView, { revision, position }: Recorded, reason: string): Outcome => ({
  view,
  poison: { revision, position, reason },
});
