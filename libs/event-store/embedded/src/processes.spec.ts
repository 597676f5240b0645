import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore, Recorded } from '@cartage/event-store';
import { EmbeddedEventStore } from './index.ts';
import { ended, runWhileAllStandsStill, start } from './testing/processes.ts';
import type { Acknowledged } from './testing/writer.ts';

describe('a log that several processes use', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-store-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('takes their appends to the same streams, which a follower sees in one order without a gap', async () => {
    const acknowledged: Acknowledged[] = [];
    const writers = Array.from({ length: 3 }, () => start('writer', folder, '20', '12'));
    for (const writer of writers) writer.on('message', (one: Acknowledged) => acknowledged.push(one));
    const store = await EmbeddedEventStore.open(folder);
    const following = eventsOf(store, 3 * 16 * 12);
    await Promise.all(writers.map(ended));
    const found = await following;
    await store.close();
    expect(acknowledged).toHaveLength(3 * 16 * 12);
    expect(keysOf(found)).toEqual(keysOf(acknowledged));
    expectOneOrder(found);
  }, 30_000);

  it('shows at once what another process has written, within one turn of the event loop', async () => {
    const store = await EmbeddedEventStore.open(folder);
    expect(await store.head()).toBe(-1n);
    runWhileAllStandsStill('writer', folder, '5', '1');
    expect(await store.head()).toBe(15n);
    await store.close();
  });

  // On a RAM disk, where there is one, as commits follow each other more closely there than openings take.
  it('loses nothing that it acknowledged while others open it', async () => {
    const quick = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'event-store-'));
    const store = await EmbeddedEventStore.open(quick);
    const openers = [start('opener', quick), start('opener', quick)];
    try {
      for (let revision = 0; revision < 5_000; revision += 1) {
        const event = { id: crypto.randomUUID(), type: 'Written', data: {}, metadata: {} };
        const appended = await store.append('mine', [event], revision === 0 ? 'none' : revision - 1);
        expect(appended).toEqual({ revision, position: BigInt(revision) });
      }
      expect(openers.map(({ exitCode }) => exitCode)).toEqual([null, null]);
    } finally {
      for (const opener of openers) opener.kill('SIGKILL');
      await Promise.all(openers.map((opener) => once(opener, 'close')));
      await store.close();
      await rm(quick, { recursive: true, force: true });
    }
  }, 60_000);

  it('loses nothing that it acknowledged when writers are killed, and goes on at once', async () => {
    const acknowledged: Acknowledged[] = [];
    for (let round = 1; round <= 3; round += 1) {
      const writers = [start('writer', folder, '20', '100000'), start('writer', folder, '20', '100000')];
      for (const writer of writers) writer.on('message', (one: Acknowledged) => acknowledged.push(one));
      while (acknowledged.length < round * 300) await once(writers[round % 2] ?? writers[0]!, 'message');
      for (const writer of writers) writer.kill('SIGKILL');
      await Promise.all(writers.map((writer) => once(writer, 'close')));
    }
    const store = await EmbeddedEventStore.open(folder);
    const { position } = await store.append(
      'after',
      [{ id: crypto.randomUUID(), type: 'Written', data: {}, metadata: {} }],
      'none',
    );
    const found = await eventsOf(store, Number(position) + 1);
    await store.close();
    const keys = new Set(keysOf(found));
    expect(keysOf(acknowledged).filter((key) => !keys.has(key))).toEqual([]);
    expectOneOrder(found);
  }, 30_000);
});

async function eventsOf(store: EventStore, count: number): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for await (const { events } of store.follow(undefined)) {
    found.push(...events);
    if (found.length >= count) break;
  }
  return found;
}

const keysOf = (events: readonly Acknowledged[]): string[] =>
  events.map(({ stream, revision, id }) => `${stream} ${revision} ${id}`).toSorted();

/** Positions rise, and in each stream revisions count from 0. */
function expectOneOrder(found: readonly Recorded[]): void {
  expect(found.map(({ position }) => position)).toEqual(found.map((_, index) => BigInt(index)));
  const heads = new Map<string, number>();
  for (const { stream, revision } of found) {
    expect(`${stream} ${revision}`).toBe(`${stream} ${(heads.get(stream) ?? -1) + 1}`);
    heads.set(stream, revision);
  }
}
