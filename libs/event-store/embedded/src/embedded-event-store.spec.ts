import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, EventStore, NewEvent } from '@cartage/event-store';
import { eventStoreContract } from '@cartage/event-store/testing';
import { open as openLmdb } from 'lmdb';
import { EmbeddedEventStore } from './index.ts';

const noted = (text = ''): NewEvent => ({
  id: crypto.randomUUID(),
  type: 'Noted',
  data: { text },
  metadata: {},
});

describe('EmbeddedEventStore', () => {
  const folders = new Map<EventStore, string>();
  const openIn = async (folder: string): Promise<EmbeddedEventStore> => {
    const store = await EmbeddedEventStore.open(folder);
    folders.set(store, folder);
    return store;
  };
  const open = async (): Promise<EmbeddedEventStore> => openIn(await mkdtemp(join(tmpdir(), 'event-store-')));
  const folderOf = (store: EventStore): string => folders.get(store) ?? '';
  afterAll(() =>
    Promise.all([...folders.values()].map((folder) => rm(folder, { recursive: true, force: true }))),
  );

  eventStoreContract({
    open,
    reopen: async (store) => {
      await store.close();
      return openIn(folderOf(store));
    },
  });

  it('begins with an empty log, whose end a follower reaches at once', async () => {
    const store = await open();
    expect(await store.head()).toBe(-1n);
    expect(await firstBatch(store)).toEqual({ events: [], position: -1n, caughtUp: true });
    expect(await store.append('a', [noted(), noted()], 'none')).toEqual({ revision: 1, position: 1n });
    expect(await store.head()).toBe(1n);
    expect(await firstBatch(store, 1n)).toEqual({ events: [], position: 1n, caughtUp: true });
    await store.close();
  });

  it('moves on past a stretch of the log in which nothing matches', async () => {
    const store = await open();
    for (let last = -1; last < 2_499; last += 500) {
      await store.append(
        'a',
        Array.from({ length: 500 }, () => noted()),
        last === -1 ? 'none' : last,
      );
    }
    const positions: bigint[] = [];
    for await (const { events, position, caughtUp } of store.follow(undefined, { prefixes: ['b'] })) {
      expect(events).toEqual([]);
      positions.push(position);
      if (caughtUp) break;
    }
    expect(positions.length).toBeGreaterThan(1);
    expect(positions.at(-1)).toBe(2_499n);
    await store.close();
  });

  it('commits appends that come together in few transactions', async () => {
    const store = await open();
    const before = await transactionsIn(folderOf(store));
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => store.append(`s-${index}`, [noted()], 'none')),
    );
    expect((await transactionsIn(folderOf(store))) - before).toBeLessThanOrEqual(3);
    await store.close();
  });

  it('sees at once what another store in the same folder has written', async () => {
    const one = await open();
    const second = await openIn(folderOf(one));
    for (let revision = 0; revision < 20; revision += 1) {
      const [writer, reader] = revision % 2 ? [one, second] : [second, one];
      await writer.append('a', [noted()], revision === 0 ? 'none' : revision - 1);
      expect(await reader.head()).toBe(BigInt(revision));
      await expect(reader.append('a', [noted()], 'none')).rejects.toMatchObject({ actual: revision });
    }
    await Promise.all([one.close(), second.close()]);
  });

  it('never shows again what was truncated', async () => {
    const store = await open();
    await store.append('a', [noted(), noted(), noted()], 'none');
    await store.truncate('a', 2);
    await store.truncate('a', 1);
    const shown: number[] = [];
    for await (const { revision } of store.read('a')) shown.push(revision);
    expect(shown).toEqual([2]);
    await store.close();
  });

  it('refuses an append of over 64 MiB in all, and takes a large one', async () => {
    const store = await open();
    const events = Array.from({ length: 65 }, () => noted('x'.repeat(1_040_000)));
    await expect(store.append('a', events, 'none')).rejects.toMatchObject({ code: 'event_too_large' });
    expect(await store.append('a', events.slice(0, 20), 'none')).toMatchObject({ revision: 19 });
    const ids: string[] = [];
    for await (const { id } of store.read('a')) ids.push(id);
    expect(ids).toEqual(events.slice(0, 20).map(({ id }) => id));
    await store.close();
  });
});

async function firstBatch(store: EventStore, from?: bigint): Promise<Batch> {
  for await (const batch of store.follow(from)) return batch;
  throw new Error('The iteration ended.');
}

async function transactionsIn(folder: string): Promise<number> {
  const database = openLmdb({ path: folder, overlappingSync: false });
  const stats = database.getStats();
  await database.close();
  return 'lastTxnId' in stats ? Number(stats.lastTxnId) : Number.NaN;
}
