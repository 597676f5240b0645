import { type Cart, type CartEvent, emptyCart, statusAt } from './cart.ts';
import { advance, type CartDraft } from './evolve.ts';
import { hash32 } from './hash.ts';
import { kindOf } from './identity.ts';
import { type Line, sortedJson } from './line.ts';

/** The read model every store holds: a cart, how far its stream is folded, and when a store may forget it. */
export type CartView = Cart & {
  readonly id: string;
  /** The revision of the last event folded; −1 when there is none. */
  readonly revision: number;
  /** µs since the epoch; rises strictly with the revision, and is a function of the stream alone: a store's write timestamp. */
  readonly writeTime: number;
  /** When this life of the cart began, and its last event; ms since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When a store may drop the view, ms since the epoch; absent: never. */
  readonly purgeAt?: number;
  readonly lineCount: number;
  readonly itemCount: number;
};

/** The daily span in which stores may purge, UTC: its start as ms after midnight, its length in ms. */
export type PurgeWindow = { readonly start: number; readonly length: number };

const hour = 60 * 60 * 1000;
const day = 24 * hour;
export const offPeak: PurgeWindow = { start: 2 * hour, length: 3 * hour };

export function emptyView(id: string): CartView {
  // Every field in the literal: what is spread and extended is slower by far.
  const { status, kind, generation, lines, merges } = emptyCart(kindOf(id));
  return {
    status,
    kind,
    generation,
    lines,
    merges,
    id,
    revision: -1,
    writeTime: 0,
    createdAt: 0,
    updatedAt: 0,
    lineCount: 0,
    itemCount: 0,
  };
}

/** Folds the event at `revision` into a view. An event the view has already seen changes nothing. */
export function project(
  view: CartView,
  event: CartEvent,
  revision: number,
  window: PurgeWindow = offPeak,
): CartView {
  return revision <= view.revision ? view : settled(fold(draftOf(view), event, revision), window);
}

/**
 * A view that events are being folded into, in place: many into one cost far less than {@link project} for each. Nobody else's, and
 * no view before it is {@link settled}.
 */
export type ViewDraft = CartDraft & {
  -readonly [K in keyof CartView as Exclude<K, keyof Cart>]: CartView[K];
};

// The first fold of a stream adds fields, for which V8 takes fifty times as long in what was spread as in what was written out.
export const draftOf = (view: CartView): ViewDraft =>
  view.revision < 0 ? (emptyView(view.id) as ViewDraft) : { ...view, lines: [...view.lines] };

/** The draft to go on with: as a rule the same object. An event it has already seen changes nothing. */
export function fold(draft: ViewDraft, event: CartEvent, revision: number): ViewDraft {
  if (revision <= draft.revision) return draft;
  const { id, writeTime, createdAt } = draft;
  const { at } = event.data;
  const next = advance(draft, event) as ViewDraft;
  next.id = id;
  next.revision = revision;
  next.writeTime = Math.max(writeTime + 1, at * 1000);
  next.createdAt = event.type === 'CartOpened' ? at : createdAt;
  next.updatedAt = at;
  return next;
}

/** The view that a draft has become. It must not be folded into any more. */
export function settled(draft: ViewDraft, window: PurgeWindow = offPeak): CartView {
  draft.lineCount = draft.lines.length;
  draft.itemCount = draft.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  if (draft.expiresAt === undefined) return withoutPurge(draft);
  draft.purgeAt = purgeTime(draft, draft.id, window);
  return draft;
}

function withoutPurge(view: CartView): CartView {
  if (!('purgeAt' in view)) return view;
  const { purgeAt: _, ...endless } = view;
  return endless;
}

/** Whether a shopper may still see the cart. Decides for every store: a store's own TTL only frees space. */
export function isVisible(view: CartView, now: number): boolean {
  const status = statusAt(view, now);
  return status !== 'none' && status !== 'merged' && status !== 'erased';
}

/**
 * The first instant at or after a cart's end (1 h after it expires, 24 h after it was merged or erased) inside the window,
 * spread over the window by a hash of the id: mass expiry never hits the peak hour.
 */
export function purgeTime(
  { status, expiresAt = Infinity }: Pick<Cart, 'status' | 'expiresAt'>,
  id: string,
  { start, length }: PurgeWindow = offPeak,
): number {
  const earliest = expiresAt + (status === 'merged' || status === 'erased' ? day : hour);
  const place = start + Math.floor((hash32(id) / 2 ** 32) * length);
  return Math.ceil((earliest - place) / day) * day + place;
}

/**
 * What two stores must agree on, byte for byte: the view as JSON with its fields in one fixed order, without `purgeAt` and
 * `writeTime`, which depend on configuration.
 */
export function canonical(view: CartView): string {
  const ordered: Omit<{ [K in keyof CartView]-?: unknown }, 'purgeAt' | 'writeTime'> = {
    id: view.id,
    kind: view.kind,
    status: view.status,
    generation: view.generation,
    revision: view.revision,
    lines: view.lines.map(canonicalLine),
    lineCount: view.lineCount,
    itemCount: view.itemCount,
    merges: view.merges,
    sessionId: view.sessionId,
    mergedInto: view.mergedInto,
    orderId: view.orderId,
    frozenUntil: view.frozenUntil,
    createdAt: view.createdAt,
    updatedAt: view.updatedAt,
    expiresAt: view.expiresAt,
  };
  return JSON.stringify(ordered);
}

function canonicalLine({ lineId, sku, quantity, attributes }: Line): object {
  return {
    lineId,
    sku,
    quantity,
    ...(attributes && { attributes: JSON.parse(sortedJson(attributes)) as object }),
  };
}
