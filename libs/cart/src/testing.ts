import { type Cart, type CartCommand, type CartEvent, emptyCart } from './cart.ts';
import { type Context, decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { kindOf } from './identity.ts';
import { type RefusalCode, Refused } from './refused.ts';
import type { Rules } from './rules.ts';
import { type CartView, emptyView, project } from './view.ts';

/** Noon of an arbitrary day, ms since the epoch: the time of tests that do not care. */
export const noon = 1_764_072_000_000;
const tenMinutes = 600_000;

export const fold = (cart: Cart, events: readonly CartEvent[]): Cart => events.reduce(evolve, cart);

/** The view of a stream that holds these events from revision 0. */
export const viewOf = (id: string, events: readonly CartEvent[]): CartView =>
  events.reduce((view, event, revision) => project(view, event, revision), emptyView(id));

/** The view before the first event, and after each. */
export const viewsOf = (id: string, events: readonly CartEvent[]): readonly CartView[] =>
  events.reduce<readonly CartView[]>(
    (views, event, revision) => [...views, project(views.at(-1) ?? emptyView(id), event, revision)],
    [emptyView(id)],
  );

/** given(id, …commands at noon).when(command) → the new events; throws what the domain throws. */
export function given(id: string, ...commands: readonly CartCommand[]): Given {
  return after([], id, commands, noon);
}

export type Given = {
  readonly events: readonly CartEvent[];
  readonly cart: Cart;
  readonly view: CartView;
  when(command: CartCommand, context?: Partial<Context>): readonly CartEvent[];
  /** What the cart is after further commands, at a time of their own. */
  later(at: number, ...commands: readonly CartCommand[]): Given;
};

function after(past: readonly CartEvent[], id: string, commands: readonly CartCommand[], now: number): Given {
  let events = past;
  let cart = fold(emptyCart(kindOf(id)), past);
  const context = (): Context => ({ now, revision: events.length - 1 });
  for (const command of commands) {
    const decided = decide(cart, command, context());
    events = [...events, ...decided];
    cart = fold(cart, decided);
  }
  return {
    events,
    cart,
    view: viewOf(id, events),
    when: (command, overrides) => decide(cart, command, { ...context(), ...overrides }),
    later: (at, ...more) => after(events, id, more, at),
  };
}

/** A command, and when it comes, in ms since the epoch. */
export type Step = { readonly at: number; readonly command: CartCommand };

/** What commands leave in a cart's stream, those that are refused nothing but why. */
export function play(
  id: string,
  steps: readonly Step[],
  rules?: Rules,
): { readonly events: readonly CartEvent[]; readonly refused: readonly RefusalCode[] } {
  const events: CartEvent[] = [];
  const refused: RefusalCode[] = [];
  let cart = emptyCart(kindOf(id));
  for (const { at, command } of steps) {
    const context = { now: at, revision: events.length - 1, ...(rules && { rules }) };
    const outcome = attempt(() => decide(cart, command, context));
    if (typeof outcome === 'string') refused.push(outcome);
    else {
      events.push(...outcome);
      cart = fold(cart, outcome);
    }
  }
  return { events, refused };
}

/** What a decision comes to: the events, or the code of the refusal. */
export function attempt(decision: () => readonly CartEvent[]): readonly CartEvent[] | RefusalCode {
  try {
    return decision();
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/**
 * A cart in every situation a command can meet, at the time it is in it, with two apples in it where it holds any.
 * `thawed`: its freeze ended by itself; `emptied`: open, without lines. Only a guest's cart can be merged: that one is apart.
 */
export function carts(id: string) {
  const open = given(id, { type: 'AddItem', sku: 'apple', quantity: 2 });
  const frozen = open.later(noon, { type: 'Freeze', until: noon + tenMinutes });
  return {
    none: given(id),
    open,
    emptied: open.later(noon, { type: 'ClearCart' }),
    frozen,
    thawed: frozen.later(noon + tenMinutes),
    expired: open.later(open.cart.expiresAt ?? Infinity),
    checkedOut: open.later(noon, { type: 'CheckOut', orderId: 'order-1' }),
    erased: open.later(noon, { type: 'Erase' }),
  };
}
