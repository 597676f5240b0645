import { type Cart, type CartCommand, type CartEvent, type Fact, statusAt } from './cart.ts';
import { bare } from './evolve.ts';
import { findLine, lineOf } from './line.ts';
import { mergeLines } from './merge-policy.ts';
import { Refused } from './refused.ts';
import { defaultRules, type Rules } from './rules.ts';

/** What a decision depends on beside the cart: the time (ms since the epoch), the cart's revision, the shop's rules. */
export type Context = { readonly now: number; readonly revision: number; readonly rules?: Rules };

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
    : bare({ ...cart, generation: cart.generation + 1, lines: [] }, 'open');
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
