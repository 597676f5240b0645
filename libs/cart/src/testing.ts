import {
  type Cart,
  type CartCommand,
  type CartEvent,
  type Context,
  decide,
  emptyCart,
  evolve,
} from './cart.ts';
import { kindOf } from './identity.ts';
import { type CartView, emptyView, project } from './view.ts';

/** Noon of an arbitrary day, ms since the epoch: the time of tests that do not care. */
export const noon = 1_764_072_000_000;

export const fold = (cart: Cart, events: readonly CartEvent[]): Cart => events.reduce(evolve, cart);

/** The view of a stream that holds these events from revision 0. */
export const viewOf = (id: string, events: readonly CartEvent[]): CartView =>
  events.reduce((view, event, revision) => project(view, event, revision), emptyView(id));

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
