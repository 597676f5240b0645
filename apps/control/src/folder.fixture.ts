import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { type Config, openEventStore, openReadStore, readConfig } from '@cartage/runtime';

/** Lends a configuration of embedded stores in a folder that is removed afterwards; ports are free ones. */
export async function withConfig(work: (config: Config) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-control-'));
  try {
    await work(
      readConfig({
        EVENT_STORE: `embedded:${folder}/events`,
        READ_STORES: `one=embedded:${folder}/one,two=embedded:${folder}/two`,
        CONTROL_PORT: '0',
      }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lends a log and a read store. */
export const withStores = (work: (events: EventStore, store: ReadStore) => Promise<void>): Promise<void> =>
  withConfig(async ({ eventStore, readStores: [first] }) => {
    if (!first) throw new Error('no store');
    const events = await openEventStore(eventStore);
    const store = await openReadStore(first);
    try {
      await work(events, store);
    } finally {
      await events.close();
      await store.close();
    }
  });
