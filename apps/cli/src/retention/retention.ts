import type { EventStore } from '@cartage/event-store';
import { logUpTo } from '../log.ts';
import { eachOf } from '../replay/each-of.ts';

const atOnce = 16;

/** What truncation freed, or would free: events that no read shows any more, and how many streams lost some. */
export type Freed = { readonly streams: number; readonly events: number };

/**
 * Truncates each cart's stream before its last `CartOpened`, where that was written before `olderThan` (ms since the epoch, by
 * the log's clock). That event resets the cart: what stands before it changes no view. Repeating it frees nothing more.
 */
export async function retain(store: EventStore, olderThan: number, dryRun: boolean): Promise<Freed> {
  const openings = await reopenings(store);
  const due = [...openings].filter(([, { recordedAt }]) => recordedAt < olderThan);
  let [streams, events] = [0, 0];
  await eachOf(due, atOnce, async ([stream, { revision }]) => {
    const first = await firstRevision(store, stream);
    if (first >= revision) return;
    if (!dryRun) await store.truncate(stream, revision);
    streams += 1;
    events += revision - first;
  });
  return { streams, events };
}

type Opening = { readonly revision: number; readonly recordedAt: number };

/** The last `CartOpened` of each cart that has events before it. */
async function reopenings(store: EventStore): Promise<ReadonlyMap<string, Opening>> {
  const openings = new Map<string, Opening>();
  for await (const events of logUpTo(store, await store.head(), 'looking', ['cart-']))
    for (const { type, stream, revision, recordedAt } of events)
      if (type === 'CartOpened' && revision > 0) openings.set(stream, { revision, recordedAt });
  return openings;
}

async function firstRevision(store: EventStore, stream: string): Promise<number> {
  for await (const { revision } of store.read(stream)) return revision;
  return Infinity;
}
