import { decide, InvalidId, type MergePolicy, partsOf, Refused, type Rules } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import { foldCart, isMerged, record, sealOf } from '@cartage/projection';

/** A seal in the log. */
export type Sealed = {
  readonly eventId: string;
  readonly guestCartId: string;
  readonly mergeId: string;
  /** The customer's cart id. */
  readonly into: string;
  /** What the login asked for. */
  readonly policy: MergePolicy;
};

export type Deciding = { readonly rules: Rules; readonly now: () => number };

/** A merge that trying again does not finish. */
export class Unfinishable extends Error {
  override readonly name = 'Unfinishable';
  readonly code = 'unfinishable';
}

const mostConflicts = 100;

/**
 * Takes the second step of a merge, unless it was taken: by nobody twice, also when the API takes it at the same time, because
 * the customer's cart knows the merge and is written under its revision. Answers whether this call took it.
 *
 * @throws {Unfinishable} the carts do not allow it
 */
export async function finishMerge(events: EventStore, sealed: Sealed, deciding: Deciding): Promise<boolean> {
  try {
    partsOf(sealed.into);
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      if (await isMerged(events, sealed.into, sealed.mergeId)) return false;
      const outcome = await merge(events, sealed, deciding);
      if (outcome !== 'conflict') return outcome === 'merged';
    }
  } catch (error) {
    throw isFinal(error) ? new Unfinishable(error.message, { cause: error }) : error;
  }
  throw new Unfinishable(`${sealed.into} was written by others ${mostConflicts} times in a row.`);
}

async function merge(
  events: EventStore,
  { eventId, guestCartId, mergeId, into, policy }: Sealed,
  { rules, now }: Deciding,
): Promise<'merged' | 'unchanged' | 'conflict'> {
  const seal = sealOf(await foldCart(events, guestCartId));
  if (!seal) throw new Unfinishable(`What ${guestCartId} held when it was sealed is no longer in the log.`);
  const customer = await foldCart(events, into);
  const { revision } = customer;
  const decided = decide(
    customer,
    { type: 'MergeGuest', mergeId, from: guestCartId, policy, lines: seal.lines },
    { now: now(), revision, rules },
  );
  if (decided.length === 0) return 'unchanged';
  try {
    await record(events, into, revision, decided, { $causationId: eventId });
    return 'merged';
  } catch (error) {
    if (hasCode(error, 'revision_conflict')) return 'conflict';
    throw error;
  }
}

const isFinal = (error: unknown): error is Error =>
  error instanceof Refused ||
  error instanceof InvalidId ||
  error instanceof Unfinishable ||
  hasCode(error, 'undecodable') ||
  hasCode(error, 'event_too_large');
