import type { EventStore } from '@cartage/event-store';
import { execute } from '@cartage/projection/testing';
import { openEventStore } from '@cartage/runtime';

/** Lends the log of a folder, where a system with the default settings has it. */
export async function withLog(folder: string, work: (events: EventStore) => Promise<void>): Promise<void> {
  const events = await openEventStore({ name: 'log', url: `embedded:${folder}/.data/events` });
  try {
    await work(events);
  } finally {
    await events.close();
  }
}

/** Puts an article into carts, one event each, two where the cart is new. */
export async function shop(events: EventStore, ids: readonly string[], now = Date.now()): Promise<void> {
  await Promise.all(
    ids.map((id) => execute(events, id, { type: 'AddItem', sku: 'apple', quantity: 1 }, now)),
  );
}

export const customers = (count: number): string[] =>
  Array.from({ length: count }, (_, number) => `u~${number}~main`);
