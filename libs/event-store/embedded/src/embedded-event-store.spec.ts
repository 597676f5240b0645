import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@cartage/event-store';
import { eventStoreContract } from '@cartage/event-store/testing';
import { EmbeddedEventStore } from './index.ts';

describe('EmbeddedEventStore', () => {
  const folders = new Map<EventStore, string>();
  const openIn = async (folder: string): Promise<EmbeddedEventStore> => {
    const store = await EmbeddedEventStore.open(folder);
    folders.set(store, folder);
    return store;
  };
  afterAll(() =>
    Promise.all([...folders.values()].map((folder) => rm(folder, { recursive: true, force: true }))),
  );

  eventStoreContract({
    open: async () => openIn(await mkdtemp(join(tmpdir(), 'event-store-'))),
    reopen: async (store) => {
      await store.close();
      return openIn(folders.get(store) ?? '');
    },
  });
});
