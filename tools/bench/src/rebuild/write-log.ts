import type { EventStore } from '@cartage/event-store';
import { ShopLog } from './shop-log.ts';

const underWay = 4_000;

/** Writes a shop's log into an empty event store, several thousand appends under way at once; answers how many events it holds. */
export async function writeShopLog(store: EventStore, events: number, seed: number): Promise<number> {
  let appending: Promise<unknown>[] = [];
  let written = 0;
  for (const append of new ShopLog(events, seed, Date.now()).appends()) {
    const drafts = append.events.map(({ type, data }) => ({
      id: crypto.randomUUID(),
      type,
      data,
      metadata: { schema: 1, commandId: crypto.randomUUID() },
    }));
    written += drafts.length;
    appending.push(store.append(append.stream, drafts, append.expected));
    if (appending.length < underWay) continue;
    await Promise.all(appending);
    appending = [];
  }
  await Promise.all(appending);
  return written;
}
