import { streamOf } from '@cartage/cart';
import type { EventStore, NewEvent } from '@cartage/event-store';
import { openEventStore } from '@cartage/runtime';
import { cartage, inFolder, slow } from '../testing/system.ts';
import { retain } from './retention.ts';

const event = (type: string): NewEvent => ({ id: crypto.randomUUID(), type, data: {}, metadata: {} });
const cart = (name: string): string => streamOf(`u~${name}~main`);

/** Writes one event of each type, in this order. */
const write = (store: EventStore, stream: string, types: readonly string[]) =>
  store.append(stream, types.map(event), 'none');

async function typesIn(store: EventStore, stream: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of store.read(stream)) types.push(type);
  return types;
}

const withStore = (use: (store: EventStore) => Promise<void>) =>
  inFolder(async (folder) => {
    const store = await openEventStore({ name: 'log', url: `embedded:${folder}/events` });
    try {
      await use(store);
    } finally {
      await store.close();
    }
  });

const twice = ['CartOpened', 'ItemAdded', 'CartCheckedOut', 'CartOpened', 'ItemAdded'];
const soon = () => Date.now() + 1_000;

test('leaves of each cart what its last opening began, and of all else everything', () =>
  withStore(async (store) => {
    await write(store, cart('twice'), twice);
    await write(store, cart('once'), ['CartOpened', 'ItemAdded']);
    await write(store, 'operations', twice);
    expect(await retain(store, soon(), false)).toEqual({ streams: 1, events: 3 });
    expect(await typesIn(store, cart('twice'))).toEqual(['CartOpened', 'ItemAdded']);
    expect(await typesIn(store, cart('once'))).toEqual(['CartOpened', 'ItemAdded']);
    expect(await typesIn(store, 'operations')).toEqual(twice);
    expect(await retain(store, soon(), false)).toEqual({ streams: 0, events: 0 });
  }));

test('goes on from where it was, when the cart was opened once more', () =>
  withStore(async (store) => {
    await write(store, cart('a'), twice);
    await retain(store, soon(), false);
    await store.append(cart('a'), ['CartCheckedOut', 'CartOpened'].map(event), 4);
    expect(await retain(store, soon(), false)).toEqual({ streams: 1, events: 3 });
    expect(await typesIn(store, cart('a'))).toEqual(['CartOpened']);
  }));

test('does not touch a cart that was opened too recently', () =>
  withStore(async (store) => {
    await write(store, cart('a'), twice);
    expect(await retain(store, Date.now() - 60_000, false)).toEqual({ streams: 0, events: 0 });
    expect(await typesIn(store, cart('a'))).toEqual(twice);
  }));

test('only says what it would free, when told so', () =>
  withStore(async (store) => {
    await write(store, cart('a'), twice);
    expect(await retain(store, soon(), true)).toEqual({ streams: 1, events: 3 });
    expect(await typesIn(store, cart('a'))).toEqual(twice);
  }));

test(
  'is a command',
  () =>
    inFolder(async (folder) => {
      const store = await openEventStore({ name: 'log', url: `embedded:${folder}/.data/events` });
      await write(store, cart('a'), twice);
      await store.close();
      const recent = await cartage(folder, ['retention', '--json']);
      expect(JSON.parse(recent.stdout)).toEqual({ olderThanDays: 35, dryRun: false, streams: 0, events: 0 });
      const all = await cartage(folder, ['retention', '--older-than', '0d', '--dry-run']);
      expect(all).toMatchObject({ code: 0, stdout: 'Would free 3 events in 1 streams.\n' });
      const wrong = await cartage(folder, ['retention', '--older-than', 'long']);
      expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('such as 35d') });
    }),
  slow,
);
