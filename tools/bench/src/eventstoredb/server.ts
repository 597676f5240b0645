import { join } from 'node:path';
import { facadeName, launchEventStoreDbFacade } from '@cartage/engines';
import type { EventStore } from '@cartage/event-store';
import { EventStoreDbEventStore } from '@cartage/event-store-eventstoredb';
import type { Bench } from '../scenarios/scenario.ts';

/** What is measured against: what TEST_EVENTSTOREDB names, else the facade, over a file in the bench's folder. */
export type EventStoreDb = { readonly url: string; readonly name: string; readonly store: EventStore };

/** Runs `use` with a server, and ends what was started for it. */
export async function withEventStoreDb<T>(
  { folder }: Bench,
  use: (server: EventStoreDb) => Promise<T>,
): Promise<T> {
  const real = process.env['TEST_EVENTSTOREDB'];
  if (real) return await withStore(real, 'the EventStoreDB that TEST_EVENTSTOREDB names', use);
  const facade = await launchEventStoreDbFacade({ file: join(folder, 'eventstoredb.log') });
  try {
    return await withStore(facade.url, `the ${facadeName}`, use);
  } finally {
    await facade.signal('SIGKILL');
  }
}

async function withStore<T>(
  url: string,
  name: string,
  use: (server: EventStoreDb) => Promise<T>,
): Promise<T> {
  const store = await EventStoreDbEventStore.open(url);
  try {
    return await use({ url, name, store });
  } finally {
    await store.close();
  }
}
