import { type CartCommand, decide } from '@cartage/cart';
import { attempt } from '@cartage/cart/testing';
import type { EventStore } from '@cartage/event-store';
import { foldCart } from './fold.ts';
import { record } from './record.ts';

/** Executes a command as the API does; one that is refused leaves nothing. */
export async function execute(
  events: EventStore,
  id: string,
  command: CartCommand,
  now = Date.now(),
): Promise<void> {
  const cart = await foldCart(events, id);
  const decided = attempt(() => decide(cart, command, { now, revision: cart.revision }));
  if (typeof decided !== 'string' && decided.length > 0) await record(events, id, cart.revision, decided);
}
