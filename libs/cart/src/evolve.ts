import type { Cart, CartEvent, CartEventType, CartStatus } from './cart.ts';
import { type Line, putLine, setQuantity } from './line.ts';

/** A cart that is nobody else's, nor is the list of its lines: folding an event changes it in place. */
export type CartDraft = { -readonly [K in keyof Cart as Exclude<K, 'lines'>]: Cart[K] } & { lines: Line[] };

/** The cart after an event, a new object. Total and pure: any recorded event can be folded, always. */
export const evolve = (cart: Cart, event: CartEvent): Cart =>
  advance({ ...cart, lines: [...cart.lines] }, event);

/** The draft after an event: as a rule the same object, in any case the one to go on with. Total as {@link evolve} is. */
export function advance(draft: CartDraft, event: CartEvent): CartDraft {
  const { expiresAt } = event.data;
  const cart = expiring(draft, expiresAt);
  switch (event.type) {
    case 'ItemAdded':
      putLine(cart.lines, event.data.line);
      return cart;
    case 'ItemQuantityChanged':
      setQuantity(cart.lines, event.data.lineId, event.data.to);
      return cart;
    case 'ItemRemoved':
      cart.lines = cart.lines.filter(({ lineId }) => lineId !== event.data.lineId);
      return cart;
    case 'CartCleared':
      cart.lines = [];
      return cart;
    case 'GuestCartMerged':
      return withGuest(cart, event.data);
    case 'SessionLinked':
      cart.sessionId = event.data.sessionId;
      return cart;
    case 'CartOpened':
    case 'CartFrozen':
    case 'CartUnfrozen':
    case 'CartCheckedOut':
    case 'CartSealed':
    case 'CartErased':
      return inLife(cart, event);
  }
}

type Of<T extends CartEventType> = Extract<CartEvent, { type: T }>;

function withGuest(cart: CartDraft, { lines, mergeId, sessionId }: Of<'GuestCartMerged'>['data']): CartDraft {
  cart.lines = [...lines];
  cart.merges = remember(cart, mergeId);
  if (sessionId !== undefined) cart.sessionId = sessionId;
  return cart;
}

type LifeEvent = Of<
  'CartOpened' | 'CartFrozen' | 'CartUnfrozen' | 'CartCheckedOut' | 'CartSealed' | 'CartErased'
>;

/** What changes the status. */
function inLife(cart: CartDraft, event: LifeEvent): CartDraft {
  switch (event.type) {
    case 'CartOpened':
      cart.kind = event.data.kind;
      cart.generation = event.data.generation;
      cart.merges = event.data.merges;
      return bare(cart, 'open');
    case 'CartFrozen':
      cart.frozenUntil = event.data.until;
      cart.status = 'frozen';
      return cart;
    case 'CartUnfrozen':
      return unfrozen(cart, 'open');
    case 'CartCheckedOut':
      return Object.assign(unfrozen(cart, 'checkedOut'), { orderId: event.data.orderId });
    case 'CartSealed':
      cart.merges = remember(cart, event.data.mergeId);
      return Object.assign(unfrozen(cart, 'merged'), { mergedInto: event.data.into });
    case 'CartErased':
      return bare(cart, 'erased');
  }
}

/** Leaves of a draft what outlives a life of the cart. */
export function bare(draft: CartDraft, status: CartStatus): CartDraft {
  draft.status = status;
  draft.lines = [];
  if (!passing.some((field) => field in draft)) return draft;
  const { sessionId: _, mergedInto: __, orderId: ___, frozenUntil: ____, ...cart } = draft;
  return cart;
}

const passing = ['sessionId', 'mergedInto', 'orderId', 'frozenUntil'] as const;

function expiring(draft: CartDraft, expiresAt: number | null): CartDraft {
  if (expiresAt === null) return withoutExpiry(draft);
  draft.expiresAt = expiresAt;
  return draft;
}

// A field is left out of a copy, not deleted: V8 keeps objects that fields were deleted from in a slower form.

function withoutExpiry(draft: CartDraft): CartDraft {
  if (!('expiresAt' in draft)) return draft;
  const { expiresAt: _, ...endless } = draft;
  return endless;
}

function unfrozen(draft: CartDraft, status: CartStatus): CartDraft {
  draft.status = status;
  if (!('frozenUntil' in draft)) return draft;
  const { frozenUntil: _, ...free } = draft;
  return free;
}

const remember = ({ merges }: Cart, mergeId: string): readonly string[] =>
  merges.includes(mergeId) ? merges : [...merges, mergeId].slice(-16);
