import type { CartKind } from './identity.ts';
import type { Article, Line } from './line.ts';
import type { Dropped, MergePolicy } from './merge-policy.ts';

export type CartStatus = 'none' | 'open' | 'frozen' | 'checkedOut' | 'merged' | 'erased';

/** A cart as its events leave it. What has ended by the clock (a freeze, a life) still stands here: ask {@link statusAt}. */
export type Cart = {
  readonly status: CartStatus;
  readonly kind: CartKind;
  /** Counts the lives of the cart, from 1; 0 when it never was opened. */
  readonly generation: number;
  readonly lines: readonly Line[];
  /** The merges this cart took part in, latest last, at most 16. They outlive its generations. */
  readonly merges: readonly string[];
  readonly sessionId?: string;
  readonly mergedInto?: string;
  readonly orderId?: string;
  /** Times in ms since the epoch. */
  readonly frozenUntil?: number;
  readonly expiresAt?: number;
};

export type CartCommand =
  | ({ readonly type: 'AddItem'; readonly quantity: number } & Article)
  | { readonly type: 'ChangeQuantity'; readonly lineId: string; readonly quantity: number }
  | { readonly type: 'RemoveItem'; readonly lineId: string }
  | { readonly type: 'ClearCart' }
  | { readonly type: 'LinkSession'; readonly sessionId: string }
  | { readonly type: 'Freeze'; readonly until: number }
  | { readonly type: 'Unfreeze' }
  | { readonly type: 'CheckOut'; readonly orderId: string; readonly ifRevision?: number }
  | ({ readonly type: 'SealGuest' } & Seal)
  | ({ readonly type: 'MergeGuest'; readonly lines: readonly Line[] } & MergeOrigin)
  | { readonly type: 'Erase' };

/** `policy` is what the login asked for, so that whoever finishes the merge keeps to it. */
type Seal = { readonly mergeId: string; readonly into: string; readonly policy?: MergePolicy };
type MergeOrigin = {
  readonly mergeId: string;
  /** The guest's cart id. */
  readonly from: string;
  readonly policy: MergePolicy;
  readonly sessionId?: string;
};

/** What happened, beside the {@link Stamp}. Quantities are those after the event, so that a fold never adds up wrongly. */
type Facts = {
  CartOpened: { readonly generation: number; readonly kind: CartKind; readonly merges: readonly string[] };
  ItemAdded: { readonly line: Line; readonly added: number };
  ItemQuantityChanged: { readonly lineId: string; readonly from: number; readonly to: number };
  ItemRemoved: { readonly lineId: string };
  CartCleared: object;
  SessionLinked: { readonly sessionId: string };
  CartFrozen: { readonly until: number };
  CartUnfrozen: object;
  CartCheckedOut: { readonly orderId: string };
  CartSealed: Seal;
  GuestCartMerged: MergeOrigin & { readonly lines: readonly Line[]; readonly dropped: readonly Dropped[] };
  CartErased: object;
};

/** When the command was decided and when the cart will expire, ms since the epoch; `null`: never. On every event. */
export type Stamp = { readonly at: number; readonly expiresAt: number | null };

export type CartEventType = keyof Facts;
/** A fact before it is stamped. */
export type Fact = { [T in CartEventType]: { readonly type: T; readonly data: Facts[T] } }[CartEventType];
/** Facts, stored for ever. A field may be added; none is renamed, retyped or removed. */
export type CartEvent = {
  [T in CartEventType]: { readonly type: T; readonly data: Facts[T] & Stamp };
}[CartEventType];

export const emptyCart = (kind: CartKind): Cart => ({
  status: 'none',
  kind,
  generation: 0,
  lines: [],
  merges: [],
});

/** The status as of `now`: a freeze ends by itself, an expired cart is none. */
export function statusAt(cart: Cart, now: number): CartStatus {
  const { status } = cart;
  if (status === 'merged' || status === 'erased') return status;
  if ((cart.expiresAt ?? Infinity) <= now) return 'none';
  return status === 'frozen' && (cart.frozenUntil ?? 0) <= now ? 'open' : status;
}
