import { type CartEvent, type CartView, decodeEvent, type Line, streamOf, Undecodable } from '@cartage/cart';
import type { EventStore, Recorded } from '@cartage/event-store';

/** A guest cart that was given to a customer: the first step of a merge at login. */
export type Seal = {
  readonly guestCartId: string;
  readonly mergeId: string;
  /** The customer's cart id. */
  readonly into: string;
  /** What the guest cart held when it was sealed. */
  readonly lines: readonly Line[];
};

/** The seal on a guest cart; undefined when it has none. */
export function sealOf({ id, status, mergedInto, merges, lines }: CartView): Seal | undefined {
  const mergeId = merges.at(-1);
  if (status !== 'merged' || mergedInto === undefined || mergeId === undefined) return undefined;
  return { guestCartId: id, mergeId, into: mergedInto, lines };
}

/**
 * Whether the second step of a merge happened, by the whole stream of the customer's cart: the folded cart remembers its last
 * 16 merges only. Events that this version does not understand are passed over.
 */
export async function isMerged(
  events: EventStore,
  customerCartId: string,
  mergeId: string,
): Promise<boolean> {
  for await (const recorded of events.read(streamOf(customerCartId))) {
    if (knowsMerge(recorded, mergeId)) return true;
  }
  return false;
}

/** `CartOpened` repeats the merges remembered from before it, which may have been truncated since. */
function knowsMerge(recorded: Recorded, mergeId: string): boolean {
  if (recorded.type !== 'GuestCartMerged' && recorded.type !== 'CartOpened') return false;
  const event = decoded(recorded);
  if (event?.type === 'GuestCartMerged') return event.data.mergeId === mergeId;
  return event?.type === 'CartOpened' && event.data.merges.includes(mergeId);
}

function decoded(recorded: Recorded): CartEvent | undefined {
  try {
    return decodeEvent(recorded);
  } catch (error) {
    if (error instanceof Undecodable) return undefined;
    throw error;
  }
}
