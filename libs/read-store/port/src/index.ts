import { bucketCount, type CartView } from '@cartage/cart';

/** `fenced`: a view not newer than the stored one is ignored. `fresh`: a generation that nobody reads and one writer fills; it may overwrite. */
export type PutMode = 'fenced' | 'fresh';

export type PutResult = {
  readonly written: number;
  /** Views known to have been ignored as not newer; a store that cannot tell counts them as written. */
  readonly stale: number;
  /** Ids of views over the store's size limit. They were not sent; the others were. */
  readonly oversized: readonly string[];
};

/** A cart whose stream could not be folded. It waits beside the checkpoints, and nothing waits for it. */
export type Parked = {
  readonly id: string;
  /** Where in its stream and in the log the trouble is; the position in decimal digits. */
  readonly revision: number;
  readonly position: string;
  readonly reason: string;
  /** ms since the epoch. */
  readonly parkedAt: number;
};

/** The first and the last bucket of a range, both included: 0 to 9,999. */
export type BucketRange = { readonly from: number; readonly to: number };

export const allBuckets: BucketRange = { from: 0, to: bucketCount - 1 };

/**
 * Where cart views are kept. Every store holds the same views, each stamped with its cart's revision; none can delete one:
 * a merged or erased cart is a small view, so that a late writer cannot bring it back.
 *
 * Every call may throw an error of code `unavailable` (out of reach or full: nothing or a part was done, repeating it is
 * harmless) or `corrupted` (what is stored is no view). Views are asked for and put by cart ids and owners as the domain knows
 * them: anything else is refused with code `invalid_id`, before anything is written.
 */
export interface ReadStore {
  /** The view as stored; whether a shopper may see it is for `isVisible` to say. One call to the engine. */
  get(id: string): Promise<CartView | undefined>;
  /** The views in the order of the ids. */
  getMany(ids: readonly string[]): Promise<readonly (CartView | undefined)[]>;
  /** All carts of an owner, in no order. One call to the engine. */
  list(owner: string): Promise<readonly CartView[]>;
  /** Writes views, each at once or not at all, in any order. Durable as far as the engine's acknowledgement goes. */
  put(views: readonly CartView[], mode: PutMode): Promise<PutResult>;
  /** Every view, in pages, in no order; a view written meanwhile may or may not come by. */
  scan(buckets?: BucketRange): AsyncIterable<readonly CartView[]>;
  /**
   * How far each projection has come, by name: kept beside the views, so that the two cannot drift apart. An engine that may have
   * forgotten views it had acknowledged to this object makes it reject once (`unavailable`), though all is well by now.
   */
  checkpoints(): Promise<ReadonlyMap<string, bigint>>;
  /**
   * Overwrites, and may go back. Rejects (`unavailable`) from when the engine may have forgotten views it had acknowledged to this
   * object until the checkpoints were read: whoever saves one must begin again where they are, lest it cover what is gone.
   */
  saveCheckpoint(name: string, position: bigint): Promise<void>;
  parked(): Promise<readonly Parked[]>;
  /** Adds a cart to the parked, or replaces its entry. */
  park(entry: Parked): Promise<void>;
  /** Takes a cart off the list; unknown ids are ignored. */
  unpark(id: string): Promise<void>;
  /** Makes tables and indexes where they are missing. Idempotent. */
  provision(): Promise<void>;
  /** Removes this generation with all it holds. Idempotent. */
  drop(): Promise<void>;
  /** Lets writes under way finish and releases the store. Idempotent. */
  close(): Promise<void>;
  /** Whether the engine forgets views by itself after `purgeAt`. Otherwise somebody must call `purge`. */
  readonly nativeTtl: boolean;
  /**
   * Removes up to `limit` views whose `purgeAt` is at or before the time (ms since the epoch); answers how many: fewer than
   * `limit` when no more are due. A store with a native TTL answers 0.
   */
  purge(before: number, limit: number): Promise<number>;
}
