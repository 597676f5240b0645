import type { CartKind } from './identity.ts';
import { type Article, findLine, type Line, lineOf, withLine, withoutLine, withQuantity } from './line.ts';
import { type Dropped, type MergePolicy, mergeLines } from './merge-policy.ts';
import { Refused } from './refused.ts';
import { defaultRules, type Rules } from './rules.ts';

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
type Fact = { [T in CartEventType]: { readonly type: T; readonly data: Facts[T] } }[CartEventType];
/** Facts, stored for ever. A field may be added; none is renamed, retyped or removed. */
export type CartEvent = {
  [T in CartEventType]: { readonly type: T; readonly data: Facts[T] & Stamp };
}[CartEventType];

/** What a decision depends on beside the cart: the time (ms since the epoch), the cart's revision, the shop's rules. */
export type Context = { readonly now: number; readonly revision: number; readonly rules?: Rules };

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

/**
 * The events a command leads to; none when it changes nothing. `CartOpened` comes first when the cart is new, expired,
 * checked out or erased.
 *
 * @throws {Refused} the cart will not have it
 */
export function decide(cart: Cart, command: CartCommand, context: Context): readonly CartEvent[] {
  const { now, rules = defaultRules } = context;
  const status = statusAt(cart, now);
  if (status === 'merged') return decideMerged(cart, command);
  const live = status === 'open' || status === 'frozen';
  const current = live
    ? { ...cart, status }
    : bare({ ...cart, generation: cart.generation + 1 }, 'open', null);
  const facts = command.type === 'Erase' ? erase(cart) : decideLive(cart, current, command, context);
  const first = facts[0];
  if (first === undefined) return [];
  const { generation, kind, merges } = current;
  const opened: Fact = { type: 'CartOpened', data: { generation, kind, merges } };
  const all = live || first.type === 'CartErased' ? facts : [opened, ...facts];
  const ended = first.type === 'CartErased' || first.type === 'CartSealed';
  const lifetime = ended ? 0 : rules.lifetime[cart.kind];
  const expiresAt = lifetime === null ? null : now + lifetime;
  return all.map(({ type, data }) => ({ type, data: { at: now, expiresAt, ...data } }) as CartEvent);
}

function decideMerged({ mergedInto = '' }: Cart, command: CartCommand): readonly CartEvent[] {
  if (command.type !== 'SealGuest')
    throw new Refused('cart_merged', 'This cart was merged into another.', { mergedInto });
  if (command.into === mergedInto) return [];
  throw new Refused('guest_sealed_elsewhere', 'This guest cart belongs to another customer.');
}

const erase = ({ status }: Cart): readonly Fact[] =>
  status === 'none' || status === 'erased' ? [] : [{ type: 'CartErased', data: {} }];

/** `past` is the cart as folded, `cart` what the command meets: the same, or the empty cart of the next generation. */
function decideLive(
  past: Cart,
  cart: Cart,
  command: Exclude<CartCommand, { type: 'Erase' }>,
  { now, revision, rules = defaultRules }: Context,
): readonly Fact[] {
  switch (command.type) {
    case 'AddItem':
      return addItem(thawed(cart), command, rules);
    case 'ChangeQuantity':
      return changeQuantity(thawed(cart), command.lineId, command.quantity, rules);
    case 'RemoveItem':
      return removeItem(thawed(cart), command.lineId);
    case 'ClearCart':
      return thawed(cart).lines.length === 0 ? [] : [{ type: 'CartCleared', data: {} }];
    case 'LinkSession':
      return linkSession(cart, command.sessionId);
    case 'Freeze':
      return freeze(cart, command.until, now, rules);
    case 'Unfreeze':
      return cart.status === 'frozen' ? [{ type: 'CartUnfrozen', data: {} }] : [];
    case 'CheckOut':
      return checkOut(past, cart, command, revision);
    case 'SealGuest':
      return sealGuest(cart, command);
    case 'MergeGuest':
      return mergeGuest(cart, command, rules);
  }
}

type Of<T extends CartCommand['type']> = Extract<CartCommand, { type: T }>;

function addItem(cart: Cart, command: Of<'AddItem'>, rules: Rules): readonly Fact[] {
  const { sku, quantity: added, attributes } = command;
  const article = attributes === undefined ? { sku } : { sku, attributes };
  const held = findLine(cart.lines, article);
  const line = lineOf(cart.lines, article, inRange(added, rules) + (held?.quantity ?? 0));
  inRange(line.quantity, rules);
  if (!held && cart.lines.length >= rules.maxLines)
    throw new Refused('line_limit', `A cart holds at most ${rules.maxLines} lines.`, {
      limit: rules.maxLines,
    });
  return [{ type: 'ItemAdded', data: { line, added } }];
}

function changeQuantity(cart: Cart, lineId: string, to: number, rules: Rules): readonly Fact[] {
  const held = cart.lines.find((line) => line.lineId === lineId);
  if (!held) throw new Refused('line_not_found', `The cart has no line "${lineId}".`);
  if (to === 0) return [{ type: 'ItemRemoved', data: { lineId } }];
  if (to === held.quantity) return [];
  return [{ type: 'ItemQuantityChanged', data: { lineId, from: held.quantity, to: inRange(to, rules) } }];
}

const removeItem = (cart: Cart, lineId: string): readonly Fact[] =>
  cart.lines.some((line) => line.lineId === lineId) ? [{ type: 'ItemRemoved', data: { lineId } }] : [];

function linkSession(cart: Cart, sessionId: string): readonly Fact[] {
  if (cart.kind === 'guest')
    throw new Refused('not_for_guests', 'Only a customer cart is linked to a session.');
  return cart.sessionId === sessionId ? [] : [{ type: 'SessionLinked', data: { sessionId } }];
}

function freeze(cart: Cart, until: number, now: number, { maxFreeze }: Rules): readonly Fact[] {
  if (cart.lines.length === 0) throw new Refused('cart_empty', 'An empty cart cannot be frozen.');
  if (!(Number.isInteger(until) && until > now && until <= now + maxFreeze))
    throw new Refused(
      'freeze_out_of_range',
      `A freeze ends in the future, at most ${maxFreeze} ms from now.`,
      { limit: maxFreeze },
    );
  return cart.status === 'frozen' && cart.frozenUntil === until
    ? []
    : [{ type: 'CartFrozen', data: { until } }];
}

function checkOut(past: Cart, cart: Cart, command: Of<'CheckOut'>, revision: number): readonly Fact[] {
  const { orderId, ifRevision = revision } = command;
  if (past.status === 'checkedOut' && past.orderId === orderId) return [];
  if (cart.lines.length === 0) throw new Refused('cart_empty', 'An empty cart cannot be checked out.');
  if (ifRevision !== revision)
    throw new Refused('revision_mismatch', `The cart is at revision ${revision}, not ${ifRevision}.`, {
      revision,
    });
  return [{ type: 'CartCheckedOut', data: { orderId } }];
}

function sealGuest(cart: Cart, { type: _, ...data }: Of<'SealGuest'>): readonly Fact[] {
  if (cart.kind === 'customer') throw new Refused('not_for_customers', 'Only a guest cart can be sealed.');
  return cart.lines.length === 0 ? [] : [{ type: 'CartSealed', data }];
}

function mergeGuest(cart: Cart, command: Of<'MergeGuest'>, rules: Rules): readonly Fact[] {
  const { type: _, lines: guestLines, ...origin } = command;
  if (cart.kind === 'guest')
    throw new Refused('not_for_guests', 'A guest cart is merged into a customer cart only.');
  if (guestLines.length === 0 || cart.merges.includes(origin.mergeId)) return [];
  const merged = mergeLines(origin.policy, cart.lines, guestLines, rules);
  return [{ type: 'GuestCartMerged', data: { ...origin, ...merged } }];
}

function thawed(cart: Cart): Cart {
  if (cart.status !== 'frozen') return cart;
  throw new Refused('cart_frozen', 'The cart is frozen while it is paid for.', {
    until: cart.frozenUntil ?? 0,
  });
}

function inRange(quantity: number, { maxQuantity }: Rules): number {
  if (Number.isInteger(quantity) && quantity >= 1 && quantity <= maxQuantity) return quantity;
  throw new Refused('quantity_out_of_range', `A line holds 1 to ${maxQuantity} units.`, {
    limit: maxQuantity,
  });
}

// A copy of a copy takes V8 ten times as long as a copy: events that come often make do with one.
/** The cart after an event, a new object. Total and pure: any recorded event can be folded, always. */
export function evolve(cart: Cart, event: CartEvent): Cart {
  const { expiresAt } = event.data;
  switch (event.type) {
    case 'CartOpened':
      return bare(event.data, 'open', expiresAt);
    case 'ItemAdded':
      return expiring(cart, expiresAt, withLine(cart.lines, event.data.line));
    case 'ItemQuantityChanged':
      return expiring(cart, expiresAt, withQuantity(cart.lines, event.data.lineId, event.data.to));
    case 'ItemRemoved':
      return expiring(cart, expiresAt, withoutLine(cart.lines, event.data.lineId));
    case 'CartCleared':
      return expiring(cart, expiresAt, []);
    case 'SessionLinked':
      return { ...expiring(cart, expiresAt), sessionId: event.data.sessionId };
    case 'CartFrozen':
      return { ...expiring(cart, expiresAt), status: 'frozen', frozenUntil: event.data.until };
    case 'CartUnfrozen':
      return unfrozen(expiring(cart, expiresAt), 'open');
    case 'CartCheckedOut':
      return { ...unfrozen(expiring(cart, expiresAt), 'checkedOut'), orderId: event.data.orderId };
    case 'CartSealed': {
      const merges = remember(cart, event.data.mergeId);
      return { ...unfrozen(expiring(cart, expiresAt), 'merged'), mergedInto: event.data.into, merges };
    }
    case 'GuestCartMerged': {
      const { lines, mergeId, sessionId = cart.sessionId } = event.data;
      const merges = remember(cart, mergeId);
      return { ...expiring(cart, expiresAt, lines), merges, ...(sessionId !== undefined && { sessionId }) };
    }
    case 'CartErased':
      return bare(cart, 'erased', expiresAt);
  }
}

type Lasting = Pick<Cart, 'kind' | 'generation' | 'merges'>;

function bare({ kind, generation, merges }: Lasting, status: CartStatus, expiresAt: number | null): Cart {
  const cart = { status, kind, generation, lines: [], merges };
  return expiresAt === null ? cart : { ...cart, expiresAt };
}

function expiring(cart: Cart, expiresAt: number | null, lines = cart.lines): Cart {
  if (expiresAt !== null) return { ...cart, expiresAt, lines };
  if (!('expiresAt' in cart)) return { ...cart, lines };
  const { expiresAt: _, ...endless } = cart;
  return { ...endless, lines };
}

const unfrozen = ({ frozenUntil: _, ...cart }: Cart, status: CartStatus): Cart => ({ ...cart, status });

const remember = ({ merges }: Cart, mergeId: string): readonly string[] =>
  merges.includes(mergeId) ? merges : [...merges, mergeId].slice(-16);
