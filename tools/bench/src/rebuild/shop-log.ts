import {
  type CartCommand,
  type CartEvent,
  cartIdOf,
  type CartView,
  customerOwner,
  decide,
  emptyView,
  guestOwner,
  project,
  Refused,
  streamOf,
} from '@cartage/cart';
import type { Expected } from '@cartage/event-store';
import { below, type Random, seededRandom } from '../load/random.ts';

/** What one command appends. */
export type ShopAppend = {
  readonly stream: string;
  readonly events: readonly CartEvent[];
  readonly expected: Expected;
};

/** Somebody who is shopping, and how many commands are left to come. */
type Session = { view: CartView; left: number };

const day = 24 * 60 * 60 * 1000;
/** What the log spans, ms: guests' carts of its first half have expired at its end. */
const span = 60 * day;
const active = 20_000;
const guests = 0.6;
const returning = 0.3;
const articles = 5_000;
const remembered = 50_000;

/**
 * What a shop's customers leave in a log: 20,000 carts in use at once, some 11 events in each, 60 % of them guests', 35 % of what
 * is done in them updates and removals; guests who sign in, checkouts, and the rest abandoned. The seed decides everything.
 */
export class ShopLog {
  readonly #random: Random;
  readonly #events: number;
  readonly #end: number;
  readonly #sessions: Session[];
  /** Customers' carts that are open, for some who come back. */
  readonly #left: CartView[] = [];
  #written = 0;
  #people = 0;

  /** Ends with the event number `events`, or a few later, at the time `end` (ms since the epoch). */
  constructor(events: number, seed: number, end: number) {
    this.#random = seededRandom(seed);
    this.#events = events;
    this.#end = end;
    const sessions = Math.min(active, Math.ceil(events / 50));
    this.#sessions = Array.from({ length: sessions }, () => this.#arrive());
  }

  *appends(): Generator<ShopAppend> {
    while (this.#written < this.#events) {
      const at = below(this.#sessions.length, this.#random);
      const session = this.#sessions[at];
      if (!session) continue;
      if (session.left > 0) yield* this.#shop(session);
      else {
        yield* this.#leave(session);
        this.#sessions[at] = this.#arrive();
      }
    }
  }

  get #now(): number {
    return Math.round(this.#end - span * (1 - this.#written / this.#events));
  }

  #arrive(): Session {
    const left = 4 + below(11, this.#random);
    const back = this.#random() < returning ? this.#left.pop() : undefined;
    if (back) return { view: back, left };
    const number = this.#people++;
    const guest = guestOwner(number.toString(36).padStart(22, '0'));
    const owner = this.#random() < guests ? guest : customerOwner(`${number}`);
    return { view: emptyView(cartIdOf(owner)), left };
  }

  *#shop(session: Session): Generator<ShopAppend> {
    session.left -= 1;
    yield* this.#execute(session, this.#command(session.view));
  }

  *#leave(session: Session): Generator<ShopAppend> {
    const { view } = session;
    const chance = this.#random();
    if (view.kind === 'customer' && chance >= 0.3) this.#remember(view);
    else if (chance < 0.3) yield* this.#execute(session, { type: 'CheckOut', orderId: `o-${this.#written}` });
    else if (chance < 0.5) yield* this.#signIn(session);
  }

  *#signIn(guest: Session): Generator<ShopAppend> {
    const into = this.#left.pop() ?? emptyView(cartIdOf(customerOwner(`${this.#people++}`)));
    const mergeId = `m-${this.#written}`;
    const { id: from, lines } = guest.view;
    yield* this.#execute(guest, { type: 'SealGuest', mergeId, into: into.id });
    const customer = { view: into, left: 0 };
    yield* this.#execute(customer, { type: 'MergeGuest', mergeId, from, lines, policy: 'max' });
    this.#remember(customer.view);
  }

  #command({ lines }: CartView): CartCommand {
    const chance = this.#random();
    const line = lines[below(lines.length, this.#random)];
    const quantity = 1 + below(5, this.#random);
    if (line && chance < 0.25) return { type: 'ChangeQuantity', lineId: line.lineId, quantity };
    if (line && chance < 0.35) return { type: 'RemoveItem', lineId: line.lineId };
    return { type: 'AddItem', sku: `sku-${below(articles, this.#random)}`, quantity };
  }

  *#execute(session: Session, command: CartCommand): Generator<ShopAppend> {
    const { id, revision } = session.view;
    const events = decided(session.view, command, this.#now);
    if (events.length === 0) return;
    for (const event of events) session.view = project(session.view, event, session.view.revision + 1);
    this.#written += events.length;
    yield { stream: streamOf(id), events, expected: revision < 0 ? 'none' : revision };
  }

  #remember(view: CartView): void {
    if (this.#left.length < remembered) this.#left.push(view);
  }
}

function decided(view: CartView, command: CartCommand, now: number): readonly CartEvent[] {
  try {
    return decide(view, command, { now, revision: view.revision });
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}
