import { Inject, Injectable } from '@nestjs/common';
import type { CartCommand, CartView } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import { append } from '@cartage/projection';
import { CartCache } from './cart-cache.ts';
import { type CartState, readState } from './cart-state.ts';
import { requireMatch } from './conditions.ts';
import {
  decideAll,
  type Decisions,
  type Envelope,
  isReplay,
  type Outcome,
  type Request,
  requestOf,
} from './decisions.ts';
import { Mailboxes } from './mailboxes.ts';
import { Metrics } from './metrics.ts';
import { CONFIG, type Config, EVENT_STORE } from './tokens.ts';

export type { Envelope, Outcome } from './decisions.ts';

const cacheBytes = 32 * 1024 * 1024;
/** Where each of two processes loses every other race for a cart, one append in a thousand loses ten in a row. */
const retries = 9;

/**
 * Decide, append: the only way a cart changes. Carts held from earlier commands are not read again, since an append names the
 * revision its decisions were made on. Commands that come for a cart while an append of it is under way are decided together,
 * each on what the one before it leads to, and appended at once, all or none: a busy cart costs a flush for many commands, not
 * for each.
 *
 * An append that succeeds proves the state it was decided on: with it hold all decisions made on that state, those that
 * refused or changed nothing among them. Where nothing is appended there is no such proof, and the decisions count only when
 * they were made on what the log holds now.
 */
@Injectable()
export class Carts {
  readonly #cache = new CartCache(cacheBytes);
  readonly #mailboxes = new Mailboxes<Request, Outcome>((id, requests) => this.#handle(id, requests));
  readonly #events: EventStore;
  readonly #config: Config;
  readonly #metrics: Metrics;

  constructor(@Inject(EVENT_STORE) events: EventStore, @Inject(CONFIG) config: Config, metrics: Metrics) {
    this.#events = events;
    this.#config = config;
    this.#metrics = metrics;
    metrics.observeCache(this.#cache);
  }

  /**
   * The events are durable when it resolves.
   *
   * @throws {Refused} the cart will not have it
   * @throws {Problem} 409: a lost race was lost nine times more; 412: not at that revision; 422: the id is another command's
   * @throws {Unavailable} whether it took effect is unknown
   */
  execute(envelope: Envelope, command: CartCommand): Promise<Outcome> {
    return this.#metrics.command(command.type, () =>
      this.#mailboxes.run(envelope.cartId, requestOf(envelope, command)),
    );
  }

  /** The cart as the log has it now. @throws {Unavailable} */
  async read(cartId: string): Promise<CartView> {
    return (await this.#load(cartId)).view;
  }

  /**
   * What {@link execute} checks before it decides, on the cart as the log has it now.
   *
   * @throws {Problem} 412 · 422
   * @throws {Unavailable}
   */
  async precheck(envelope: Envelope, command: CartCommand): Promise<Outcome> {
    const state = await this.#load(envelope.cartId);
    const replayed = isReplay(state, requestOf(envelope, command));
    if (!replayed) requireMatch(envelope.ifMatch, state.view.revision);
    return { view: state.view, events: [], replayed };
  }

  async #handle(cartId: string, requests: readonly Request[]): Promise<Decisions['answers']> {
    let held = this.#held(cartId);
    for (let lost = 0; ;) {
      const before = held ?? (await this.#load(cartId));
      const { answers, drafts, state } = decideAll(before, requests, this.#config);
      if (drafts.length === 0 && held === undefined) return answers;
      held = undefined;
      if (drafts.length === 0) continue;
      try {
        await append(this.#events, cartId, before.view.revision, drafts);
        this.#cache.set(cartId, state);
        return answers;
      } catch (error) {
        this.#lose(cartId, error, lost);
        lost += 1;
      }
    }
  }

  #held(cartId: string): CartState | undefined {
    const state = this.#cache.get(cartId);
    this.#metrics.cacheLookups.inc({ result: state ? 'hit' : 'miss' });
    return state;
  }

  /** Throws what is no lost race, or one too many. */
  #lose(cartId: string, error: unknown, lost: number): void {
    const isRace = hasCode(error, 'revision_conflict');
    // A state that the log contradicts twice, or that may be behind the log, is not built upon.
    if (!isRace || lost > 0) this.#cache.delete(cartId);
    if (!isRace || lost === retries) throw error;
    this.#metrics.conflicts.inc();
  }

  /** Reads what the log has beyond the state that is held; a state that cannot be brought up to date is held no longer. */
  async #load(cartId: string): Promise<CartState> {
    try {
      const held = this.#cache.get(cartId);
      const state = await readState(this.#events, cartId, this.#config.offPeak, held);
      this.#cache.set(cartId, state);
      return state;
    } catch (error) {
      this.#cache.delete(cartId);
      throw error;
    }
  }
}
