import {
  cartIdOf,
  type CartCommand,
  type CartEvent,
  customerOwner,
  decide,
  emptyView,
  project,
} from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import { draftsOf } from '@cartage/projection';
import { keptSkus } from '../load/requests.ts';

/** Events that come to a cart in one go before the next cart has its turn: streams are as mixed in the log as they are in use. */
const stretch = 5;
const atOnce = 64;

/** The cart of the bench's shopper of that number. */
export const cartOfShopper = (prefix: string, number: number): string =>
  cartIdOf(customerOwner(`${prefix}-${number}`));

/** What a customer's cart comes to: first every line is put in, then units are added and changed. */
export function historyOf(cartId: string, length: number): readonly CartEvent[] {
  const events: CartEvent[] = [];
  let view = emptyView(cartId);
  for (let step = 0; events.length < length; step += 1) {
    const now = Date.now();
    for (const event of decide(view, commandAt(step), { now, revision: view.revision })) {
      events.push(event);
      view = project(view, event, view.revision + 1);
    }
  }
  return events.slice(0, length);
}

function commandAt(step: number): CartCommand {
  const sku = keptSkus[step % keptSkus.length] ?? '';
  const isChange = step >= keptSkus.length && step % 3 === 2;
  return isChange
    ? { type: 'ChangeQuantity', lineId: sku, quantity: 1 + (step % 400) }
    : { type: 'AddItem', sku, quantity: 1 };
}

/** Writes each history into its stream, a stretch of one after a stretch of the other. Answers the number of events. */
export async function writeHistories(
  store: EventStore,
  histories: ReadonlyMap<string, readonly CartEvent[]>,
): Promise<number> {
  const entries = [...histories];
  const longest = Math.max(...entries.map(([, events]) => events.length));
  for (let from = 0; from < longest; from += stretch)
    for (let at = 0; at < entries.length; at += atOnce)
      await Promise.all(
        entries
          .slice(at, at + atOnce)
          .map(([stream, events]) => appendStretch(store, stream, events.slice(from, from + stretch), from)),
      );
  return entries.reduce((sum, [, events]) => sum + events.length, 0);
}

async function appendStretch(
  store: EventStore,
  stream: string,
  events: readonly CartEvent[],
  revision: number,
): Promise<void> {
  const drafts = draftsOf(events, { commandId: crypto.randomUUID() });
  for (let attempt = 1; drafts.length > 0; attempt += 1) {
    try {
      await store.append(stream, drafts, revision === 0 ? 'none' : revision - 1);
      return;
    } catch (error) {
      if (!hasCode(error, 'unavailable') || attempt === 5) throw error;
    }
  }
}
