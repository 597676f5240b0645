import { type Facade, startEventStoreDbFacade } from '@cartage/engines';
import type { EventStore, NewEvent } from '@cartage/event-store';
import { openEventStore } from '@cartage/runtime';
import { inFolder } from '../testing/system.ts';
import { copyLog } from './copy.ts';

const event = (note: number): NewEvent => ({
  id: crypto.randomUUID(),
  type: 'Noted',
  data: { note, text: 'Grüße' },
  metadata: { commandId: `c-${note}` },
});
const events = (count: number): NewEvent[] => Array.from({ length: count }, (_, note) => event(note));

type Stores = {
  readonly embedded: (name: string) => Promise<EventStore>;
  readonly esdb: () => Promise<EventStore>;
};

/** Runs a test with stores, all closed afterwards. */
const withStores = (use: (stores: Stores) => Promise<void>) =>
  inFolder(async (folder) => {
    const opened: EventStore[] = [];
    const facades: Facade[] = [];
    const open = async (url: string): Promise<EventStore> => {
      const store = await openEventStore({ name: 'log', url });
      opened.push(store);
      return store;
    };
    const esdb = async (): Promise<EventStore> => {
      const facade = await startEventStoreDbFacade();
      facades.push(facade);
      return open(facade.url);
    };
    try {
      await use({ embedded: (name) => open(`embedded:${folder}/${name}`), esdb });
    } finally {
      for (const store of opened) await store.close();
      for (const facade of facades) await facade.close();
    }
  });

async function fill(store: EventStore): Promise<void> {
  for (let cart = 0; cart < 40; cart += 1) await store.append(`cart-${cart}`, events(1 + (cart % 7)), 'none');
  for (let revision = 0; revision < 20; revision += 1)
    await store.append('operations', events(60), revision === 0 ? 'none' : revision * 60 - 1);
}
const filled = { streams: 41, events: 40 + 5 * 21 + (1 + 2 + 3 + 4) + 1200 };

/** What reading shows, without positions and times, which are the store's own. */
async function contents(store: EventStore, streams: readonly string[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const stream of streams)
    for await (const { id, type, data, metadata, revision } of store.read(stream))
      found.push({ stream, id, type, data, metadata, revision });
  return found;
}

const names = [...Array.from({ length: 40 }, (_, cart) => `cart-${cart}`), 'operations'];

test('copies from one kind to the other and back, and a second time nothing', () =>
  withStores(async ({ embedded, esdb }) => {
    const [first, middle, last] = [await embedded('a'), await esdb(), await embedded('b')];
    await fill(first);
    expect(await copyLog(first, middle)).toEqual({ ...filled, copied: filled.events, truncated: 0 });
    expect(await copyLog(middle, last)).toEqual({ ...filled, copied: filled.events, truncated: 0 });
    expect(await contents(last, names)).toEqual(await contents(first, names));
    expect(await copyLog(first, middle)).toMatchObject({ ...filled, copied: 0 });
    expect(await copyLog(middle, last)).toMatchObject({ ...filled, copied: 0 });
  }));

test('goes on with what is there already, and with what was written since', () =>
  withStores(async ({ embedded }) => {
    const [from, to] = [await embedded('a'), await embedded('b')];
    const written = events(6);
    await from.append('a', written, 'none');
    await to.append('a', written.slice(0, 4), 'none');
    await from.append('b', events(2), 'none');
    expect(await copyLog(from, to)).toMatchObject({ copied: 4 });
    await from.append('b', events(3), 1);
    expect(await copyLog(from, to)).toMatchObject({ copied: 3 });
    expect(await contents(to, ['a', 'b'])).toEqual(await contents(from, ['a', 'b']));
  }));

test('writes nothing into a target that holds anything else', () =>
  withStores(async ({ embedded }) => {
    const from = await embedded('from');
    const written = events(3);
    await from.append('a', written, 'none');
    const others: readonly [string, readonly NewEvent[]][] = [
      ['a', events(1)],
      ['a', [...written, event(3)]],
      ['a', written.slice(0, 1).map((known) => ({ ...known, data: { note: 'another' } }))],
      ['z', events(1)],
    ];
    for (const [index, [stream, held]] of others.entries()) {
      const to = await embedded(`to-${index}`);
      await to.append(stream, held, 'none');
      const before = await to.head();
      await expect(copyLog(from, to)).rejects.toThrow(`The target holds other events in ${stream}`);
      expect(await to.head()).toBe(before);
    }
  }));

test('keeps what is truncated truncated', () =>
  withStores(async ({ embedded, esdb }) => {
    const [from, to] = [await embedded('a'), await esdb()];
    await from.append('some', events(5), 'none');
    await from.truncate('some', 3);
    await from.append('all', events(2), 'none');
    await from.truncate('all', 2);
    expect(await copyLog(from, to)).toEqual({ streams: 2, events: 7, copied: 7, truncated: 2 });
    expect(await contents(to, ['some', 'all'])).toEqual(await contents(from, ['some', 'all']));
    await expect(to.append('all', events(1), 'none')).rejects.toMatchObject({ actual: 1 });
  }));

test('cuts large streams into appends that a server takes', () =>
  withStores(async ({ embedded, esdb }) => {
    const [from, to] = [await embedded('a'), await esdb()];
    const large = Array.from({ length: 6 }, () => ({ ...event(0), data: { text: 'x'.repeat(400_000) } }));
    await from.append('a', large, 'none');
    expect(await copyLog(from, to)).toMatchObject({ copied: 6 });
    expect(await contents(to, ['a'])).toEqual(await contents(from, ['a']));
  }));
