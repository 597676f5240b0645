import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cartIdOf, emptyView } from '@cartage/cart';
import { startEventStoreDbFacade } from '@cartage/engines';
import { openEventStore, openReadStore } from './stores.ts';
import type { StoreUrl } from './store-url.ts';

const id = cartIdOf('u~42');
const view = { ...emptyView(id), status: 'open', revision: 0, writeTime: 1 } as const;

/** Runs the case with a folder of its own, whose name URLs must escape. */
async function inFolder(
  body: (url: (path: string) => StoreUrl, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage 100% #'));
  const url = (path: string): StoreUrl => ({
    name: 'a',
    url: `embedded:${encodeURI(folder).replaceAll('#', '%23')}/${path}`,
  });
  try {
    await body(url, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('opens the embedded log, which keeps what was appended', () =>
  inFolder(async (url) => {
    const event = { id: 'f0a3c0de-0000-4000-8000-000000000001', type: 'CartCleared', data: {}, metadata: {} };
    const first = await openEventStore(url('events'));
    await first.append('operations', [event], 'none');
    await first.close();
    const second = await openEventStore(url('events'));
    const read = [];
    for await (const recorded of second.read('operations')) read.push(recorded);
    await second.close();
    expect(read).toMatchObject([{ ...event, revision: 0 }]);
  }));

it('opens EventStoreDB', async () => {
  const facade = await startEventStoreDbFacade();
  const store = await openEventStore({ name: 'log', url: facade.url.replace('esdb:', 'kurrentdb:') });
  const event = { id: 'f0a3c0de-0000-4000-8000-000000000001', type: 'CartCleared', data: {}, metadata: {} };
  const { position } = await store.append('operations', [event], 'none');
  expect(await store.head()).toBe(position);
  await store.close();
  await facade.close();
});

it('opens the embedded read store, each generation by itself', () =>
  inFolder(async (url) => {
    const [plain, v1, v2] = [
      await openReadStore(url('views')),
      await openReadStore(url('views?generation=v1')),
      await openReadStore(url('views?generation=v2')),
    ];
    await plain.put([view], 'fenced');
    expect(await v1.get(id)).toEqual(view);
    expect(await v2.get(id)).toBeUndefined();
    await Promise.all([plain.close(), v1.close(), v2.close()]);
  }));

it.each([
  'cassandra://127.0.0.1:1/cartage?dc=dc1',
  'dynamodb://local/carts?endpoint=http://127.0.0.1:1',
  'mongodb://127.0.0.1:1/cartage?generation=v2',
])(
  'opens %s although nobody answers there, and asking it says so',
  async (url) => {
    const store = await openReadStore({ name: 'a', url });
    await expect(store.get(id)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.provision()).rejects.toMatchObject({ code: 'unavailable' });
    await store.close();
  },
  20_000,
);

it('says by its code that a folder cannot be had', () =>
  inFolder(async (url, folder) => {
    await writeFile(join(folder, 'file'), 'no folder');
    for (const open of [openEventStore, openReadStore])
      await expect(open(url('file'))).rejects.toMatchObject({ code: 'unavailable' });
  }));

it('says by its code that a folder holds something else', () =>
  inFolder(async (url) => {
    await (await openEventStore(url('data'))).close();
    await (await openReadStore(url('views'))).close();
    await expect(openReadStore(url('data'))).rejects.toMatchObject({ code: 'corrupted' });
    await expect(openEventStore(url('views'))).rejects.toMatchObject({ code: 'corrupted' });
  }));

it('opens no URL without an adapter, which no configuration contains', async () => {
  const store = { name: 'b', url: 'redis://a/b' };
  for (const open of [openEventStore, openReadStore])
    await expect(open(store)).rejects.toMatchObject({ code: 'invalid_configuration' });
});
