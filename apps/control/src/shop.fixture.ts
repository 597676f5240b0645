import { cartIdOf, guestOwner, type MergePolicy, streamOf } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { execute } from '@cartage/projection/testing';

export const ann = 'u~ann~main';
export const bob = 'u~bob~main';

/** The cart of the guest of this number. */
export const guest = (n = 0): string => cartIdOf(guestOwner(`${n}`.padStart(22, '0')));

/** The first step of a merge: a guest's cart of two apples is sealed into a customer's. */
export async function seal(events: EventStore, n = 0, into = ann, policy?: MergePolicy): Promise<void> {
  await execute(events, guest(n), { type: 'AddItem', sku: 'apple', quantity: 2 });
  const mergeId = `m${n}`;
  await execute(events, guest(n), { type: 'SealGuest', mergeId, into, ...(policy && { policy }) });
}

/** The second step, as the API takes it. */
export const merge = (events: EventStore, n = 0, into = ann): Promise<void> =>
  execute(events, into, {
    type: 'MergeGuest',
    mergeId: `m${n}`,
    from: guest(n),
    policy: 'max',
    lines: [{ lineId: 'apple', sku: 'apple', quantity: 2 }],
  });

/** The types of the events in a cart's stream. */
export async function eventsOf(events: EventStore, id: string): Promise<readonly string[]> {
  const types: string[] = [];
  for await (const { type } of events.read(streamOf(id))) types.push(type);
  return types;
}
