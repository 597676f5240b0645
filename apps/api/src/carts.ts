import { Inject, Injectable } from '@nestjs/common';
import { type CartCommand, type CartEvent, type CartView, decide } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import { record } from '@cartage/projection';
import { CartCache } from './cart-cache.ts';
import { advance, type CartState, commandHash, type KnownCommand, readState } from './cart-state.ts';
import { type EntityTags, requireMatch } from './conditions.ts';
import { Mailboxes } from './mailboxes.ts';
import { Metrics } from './metrics.ts';
import { Problem } from './problems.ts';
import { CONFIG, type Config, EVENT_STORE } from './tokens.ts';

const cacheBytes = 32 * 1024 * 1024;
const retries = 3;

/** What comes with a command: the cart it is for, and how its client wants it handled. */
export type Envelope = {
  readonly cartId: string;
  /** Makes the command take effect once, however often it is sent. */
  readonly commandId?: string | undefined;
  /** Only at one of these revisions. */
  readonly ifMatch?: EntityTags | undefined;
  /** Ties events of several streams together. */
  readonly correlationId?: string;
};

export type Outcome = {
  /** The cart after the command. */
  readonly view: CartView;
  /** What it led to; empty when it changed nothing. */
  readonly events: readonly CartEvent[];
  /** The command had taken effect before; this time it did nothing. */
  readonly replayed: boolean;
};

type Decision = {
  readonly state: CartState;
  readonly events: readonly CartEvent[];
  readonly replayed: boolean;
};

/**
 * Decide, append: the only way a cart changes. Commands of one cart run one after another; carts held from earlier commands
 * are not read again, since the append names the revision the decision was made on. A decision that appends nothing has no
 * such guard: it counts only when it was made on what the log holds now.
 */
@Injectable()
export class Carts {
  readonly #cache = new CartCache(cacheBytes);
  readonly #mailboxes = new Mailboxes();
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
   * @throws {Problem} 409: a lost race was lost three times more; 412: not at that revision; 422: the id is another command's
   * @throws {Unavailable} whether it took effect is unknown
   */
  execute(envelope: Envelope, command: CartCommand): Promise<Outcome> {
    return this.#metrics.command(command.type, () =>
      this.#mailboxes.run(envelope.cartId, () => this.#execute(envelope, command)),
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
    const replayed = this.#isReplay(state, knownCommand(envelope, command));
    if (!replayed) requireMatch(envelope.ifMatch, state.view.revision);
    return { view: state.view, events: [], replayed };
  }

  async #execute(envelope: Envelope, command: CartCommand): Promise<Outcome> {
    const { cartId } = envelope;
    const known = knownCommand(envelope, command);
    let decision = this.#decideOnHeld(envelope, command, known);
    for (let lost = 0; ; lost += 1) {
      decision ??= this.#decide(await this.#load(cartId), envelope, command, known);
      const { state, events, replayed } = decision;
      if (events.length === 0) return { view: state.view, events, replayed };
      try {
        const { view } = await this.#append(state, events, envelope, known);
        return { view, events, replayed };
      } catch (error) {
        const isRace = hasCode(error, 'revision_conflict');
        // A state that the log contradicts twice, or that may be behind the log, is not built upon.
        if (!isRace || lost > 0) this.#cache.delete(cartId);
        if (!isRace || lost === retries) throw error;
        this.#metrics.conflicts.inc();
        decision = undefined;
      }
    }
  }

  /** Undefined: the cart is not held, or what its state leads to must be looked at again on what the log holds now. */
  #decideOnHeld(envelope: Envelope, command: CartCommand, known?: KnownCommand): Decision | undefined {
    const state = this.#cache.get(envelope.cartId);
    this.#metrics.cacheLookups.inc({ result: state ? 'hit' : 'miss' });
    if (!state) return undefined;
    try {
      const decision = this.#decide(state, envelope, command, known);
      return decision.events.length > 0 ? decision : undefined;
    } catch {
      return undefined;
    }
  }

  #decide(state: CartState, { ifMatch }: Envelope, command: CartCommand, known?: KnownCommand): Decision {
    if (this.#isReplay(state, known)) return { state, events: [], replayed: true };
    const { view } = state;
    const { revision } = view;
    requireMatch(ifMatch, revision);
    const events = decide(view, command, { now: Date.now(), revision, rules: this.#config.rules });
    return { state, events, replayed: false };
  }

  #isReplay({ commands }: CartState, known: KnownCommand | undefined): boolean {
    const before = known && commands.find(({ id }) => id === known.id);
    if (before === undefined) return false;
    if (before.hash === known?.hash) return true;
    throw new Problem(
      422,
      'idempotency_key_reused',
      'This Idempotency-Key was another request’s: choose a new one.',
    );
  }

  async #append(
    state: CartState,
    events: readonly CartEvent[],
    { cartId, correlationId }: Envelope,
    known: KnownCommand | undefined,
  ): Promise<CartState> {
    const origin = {
      ...(known && { commandId: known.id, commandHash: known.hash }),
      ...(correlationId !== undefined && { $correlationId: correlationId }),
    };
    await record(this.#events, cartId, state.view.revision, events, origin);
    const next = advance(state, events, known, this.#config.offPeak);
    this.#cache.set(cartId, next);
    return next;
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

const knownCommand = ({ cartId, commandId }: Envelope, command: CartCommand): KnownCommand | undefined =>
  commandId === undefined ? undefined : { id: commandId, hash: commandHash(cartId, command) };
