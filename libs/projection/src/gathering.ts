import {
  cartOfStream,
  type CartView,
  decodeEvent,
  draftOf,
  emptyView,
  fold,
  type PurgeWindow,
  type ViewDraft,
} from '@cartage/cart';
import { hasCode, type Recorded } from '@cartage/event-store';
import type { BucketRange } from '@cartage/read-store';
import { isIn } from './checkpoint.ts';
import type { ParkedCarts } from './parked.ts';
import type { Gathering } from './source.ts';
import type { ViewCache } from './view-cache.ts';
import { bytesAddedBy, bytesOfView } from './view-size.ts';

/** A cart in a window. */
export type GatheredCart = {
  readonly id: string;
  /** The view before the window; undefined when it is not at hand, or the cart has none. */
  known: CartView | undefined;
  /** The known view, once something was folded into it: as far as that could be done at once. */
  draft: ViewDraft | undefined;
  /** From the first event on that could not: the view before it is missing, it leaves a gap, or it is none of a cart. */
  readonly waiting: Recorded[];
  /** Of the last event. */
  position: bigint;
};

/** About what an event takes that has to wait, bytes. */
const perWaiting = 1_000;
const bucketAt = 'cart-'.length;

export type GatheringOptions = {
  readonly buckets: BucketRange;
  readonly purgeWindow: PurgeWindow;
  readonly views: ViewCache;
  readonly parked: ParkedCarts;
};

/**
 * The carts of a window. Each event is folded as it arrives, so that a window holds carts and not events; only those wait whose
 * view must be loaded. The first event of a stream needs no view: what the store may hold of the cart is older than its end.
 */
export class GatheredCarts implements Gathering {
  readonly #options: GatheringOptions;
  /** By stream; what is none of this projection's carts has a word for it. */
  readonly #carts = new Map<string, GatheredCart | 'foreign' | 'elsewhere'>();
  events = 0;
  bytes = 0;
  /** Carts whose first event is in this window. */
  begun = 0;
  /** Events of parked carts, and of streams that are no cart's. */
  skipped = 0;

  constructor(options: GatheringOptions) {
    this.#options = options;
  }

  get carts(): number {
    return this.#carts.size;
  }

  *all(): Generator<GatheredCart> {
    for (const cart of this.#carts.values()) if (typeof cart === 'object') yield cart;
  }

  add(recorded: Recorded): void {
    const { stream, revision, position } = recorded;
    const cart = this.#carts.get(stream) ?? this.#enter(stream, revision);
    if (cart === 'elsewhere') return;
    if (cart === 'foreign' || this.#options.parked.has(cart.id)) {
      this.skipped += 1;
      return;
    }
    this.events += 1;
    if (revision === 0) this.begun += 1;
    cart.position = position;
    if (cart.waiting.length === 0 && this.#fold(cart, recorded)) return;
    cart.waiting.push(recorded);
    this.bytes += perWaiting;
  }

  /** False when it cannot be done now. */
  #fold(cart: GatheredCart, recorded: Recorded): boolean {
    const { known, draft } = cart;
    const { revision } = recorded;
    const reached = draft ?? known;
    if (!reached || revision > reached.revision + 1) return false;
    if (revision <= reached.revision) return true;
    try {
      const event = decodeEvent(recorded);
      cart.draft = fold(draft ?? draftOf(reached), event, revision);
      this.bytes += bytesAddedBy(event);
      return true;
    } catch (error) {
      if (!hasCode(error, 'undecodable')) throw error;
      return false;
    }
  }

  #enter(stream: string, revision: number): GatheredCart | 'foreign' | 'elsewhere' {
    const cart = this.#cartOf(stream, revision);
    this.#carts.set(stream, cart);
    if (typeof cart === 'object' && cart.known) this.bytes += bytesOfView(cart.known);
    return cart;
  }

  #cartOf(stream: string, revision: number): GatheredCart | 'foreign' | 'elsewhere' {
    const id = cartOfStream(stream);
    if (id === undefined) return 'foreign';
    const bucket = Number(stream.slice(bucketAt, bucketAt + 4));
    if (!isIn(this.#options.buckets, bucket)) return 'elsewhere';
    const known = this.#options.views.get(id) ?? (revision === 0 ? emptyView(id) : undefined);
    return { id, known, draft: undefined, waiting: [], position: -1n };
  }
}
