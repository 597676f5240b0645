import { type CartCommand, type CartEvent, type CartView, decide } from '@cartage/cart';
import type { NewEvent } from '@cartage/event-store';
import { draftsOf } from '@cartage/projection';
import { advance, type CartState, commandHash, type KnownCommand } from './cart-state.ts';
import { type EntityTags, requireMatch } from './conditions.ts';
import { Problem } from './problems.ts';
import type { Config } from './tokens.ts';

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

export type Request = {
  readonly envelope: Envelope;
  readonly command: CartCommand;
  readonly known: KnownCommand | undefined;
};

/** What requests lead to, one after another, on a cart in one state: true if that state is the log's. */
export type Decisions = {
  readonly answers: readonly PromiseSettledResult<Outcome>[];
  /** All they append, at the revision of the state before; empty when they change nothing. */
  readonly drafts: readonly NewEvent[];
  readonly state: CartState;
};

/** Events of a merge may fill an append alone: 100 lines of 1 KB of attributes. */
const goesAlone = ({ command }: Request): boolean => command.type === 'MergeGuest';

export function requestOf(envelope: Envelope, command: CartCommand): Request {
  const { cartId, commandId: id } = envelope;
  const known = id === undefined ? undefined : { id, hash: commandHash(cartId, command) };
  return { envelope, command, known };
}

/** Decides on each request in the state the ones before it lead to; on as many of the first as fit into one append. */
export function decideAll(
  before: CartState,
  requests: readonly Request[],
  { rules, offPeak }: Pick<Config, 'rules' | 'offPeak'>,
): Decisions {
  const alone = requests.findIndex(goesAlone);
  const together = alone < 0 ? requests : requests.slice(0, Math.max(alone, 1));
  const drafts: NewEvent[] = [];
  let state = before;
  const answers = together.map((request): PromiseSettledResult<Outcome> => {
    try {
      const { events, replayed } = decideOn(state, request, rules);
      if (events.length > 0) {
        for (const draft of draftsOf(events, originOf(request))) drafts.push(draft);
        state = advance(state, events, request.known, offPeak);
      }
      return { status: 'fulfilled', value: { view: state.view, events, replayed } };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  return { answers, drafts, state };
}

function decideOn(
  state: CartState,
  request: Request,
  rules: Config['rules'],
): Pick<Outcome, 'events' | 'replayed'> {
  if (isReplay(state, request)) return { events: [], replayed: true };
  const { revision } = state.view;
  requireMatch(request.envelope.ifMatch, revision);
  const events = decide(state.view, request.command, { now: Date.now(), revision, rules });
  return { events, replayed: false };
}

/**
 * Whether the command has taken effect already.
 *
 * @throws {Problem} 422: its id is another command's
 */
export function isReplay({ commands }: CartState, { known }: Request): boolean {
  const before = known && commands.find(({ id }) => id === known.id);
  if (before === undefined) return false;
  if (before.hash === known?.hash) return true;
  throw new Problem(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key was another request’s: choose a new one.',
  );
}

const originOf = ({ known, envelope: { correlationId } }: Request) => ({
  ...(known && { commandId: known.id, commandHash: known.hash }),
  ...(correlationId !== undefined && { $correlationId: correlationId }),
});
