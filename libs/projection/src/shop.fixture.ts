import { type CartCommand, decide, streamOf } from '@cartage/cart';
import { attempt } from '@cartage/cart/testing';
import type { EventStore } from '@cartage/event-store';
import { foldCart } from './fold.ts';

type Event = { readonly type: string; readonly data: object };

/** Executes a command as the API does; one that is refused leaves nothing. */
export async function execute(
  events: EventStore,
  id: string,
  command: CartCommand,
  now: number,
): Promise<void> {
  const cart = await foldCart(events, id);
  const decided = attempt(() => decide(cart, command, { now, revision: cart.revision }));
  if (typeof decided !== 'string') await record(events, id, cart.revision, ...decided);
}

/** Appends these events after `revision`; −1 is before the first. */
export async function record(
  events: EventStore,
  id: string,
  revision: number,
  ...recorded: readonly Event[]
): Promise<void> {
  if (recorded.length === 0) return;
  const drafts = recorded.map((event) => ({
    ...event,
    id: globalThis.crypto.randomUUID(),
    metadata: { schema: 1 },
  }));
  await events.append(streamOf(id), drafts, revision < 0 ? 'none' : revision);
}
