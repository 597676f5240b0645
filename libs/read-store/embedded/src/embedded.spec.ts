import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbFolder } from '@cartage/lmdb-folder';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, readStoreContract, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { open } from 'lmdb';
import { EmbeddedReadStore } from './index.ts';
import { keyOf } from './tables.ts';

const view = viewAfter('u~42~main', [add('shirt')]);

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-read-store-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const inStore = (body: (store: ReadStore, folder: string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const store = await EmbeddedReadStore.open(folder);
    try {
      await body(store, folder);
    } finally {
      await store.close();
    }
  });

/** Puts bytes into a table behind the store's back. */
async function overwrite(folder: string, table: string, key: string, bytes: Buffer): Promise<void> {
  const root = open({ path: folder, noSubdir: false, overlappingSync: false });
  await root.openDB<Buffer, string>(table, { encoding: 'binary' }).put(key, bytes);
  await root.close();
}

describe('EmbeddedReadStore', () => {
  const folder = mkdtemp(join(tmpdir(), 'cartage-read-store-'));
  afterAll(async () => rm(await folder, { recursive: true }));
  readStoreContract(async (generation) => EmbeddedReadStore.open(await folder, { generation }));

  it('tells stale views from written ones', () =>
    inStore(async (store) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      expect(await store.put(versions, 'fenced')).toEqual({ written: 3, stale: 0, oversized: [] });
      expect(await store.put(versions, 'fenced')).toEqual({ written: 0, stale: 3, oversized: [] });
    }));

  it('holds back no freed pages while a scan stands still', () =>
    inStore(async (store, folder) => {
      const carts = Array.from({ length: 300 }, (_, cart) => ({ ...view, id: `u~${cart}~main` }));
      await store.put(carts, 'fresh');
      const pages = store.scan()[Symbol.asyncIterator]();
      expect((await pages.next()).value).not.toHaveLength(300);
      const before = (await stat(join(folder, 'data.mdb'))).size;
      for (let revision = 10; revision < 60; revision += 1) {
        await store.put(
          carts.map((cart) => ({ ...cart, revision })),
          'fenced',
        );
      }
      expect((await stat(join(folder, 'data.mdb'))).size).toBeLessThan(before * 10);
      expect((await pages.next()).value).toContainEqual(expect.objectContaining({ revision: 59 }));
    }));

  it('names the cart whose view is damaged, and takes the next version in its place', () =>
    inStore(async (store, folder) => {
      const [older, newer] = [view, lastOf(versionsOf(view.id, [add('shirt'), add('cap')]))];
      await store.put([older], 'fenced');
      await overwrite(folder, 'carts_v1', keyOf(view.id), Buffer.from('garbage, garbage, garbage, garbage'));
      const refusal = { code: 'corrupted', message: expect.stringContaining('view of u~42~main') };
      await expect(store.get(view.id)).rejects.toMatchObject(refusal);
      await expect(store.list('u~42')).rejects.toMatchObject(refusal);
      const { purgeAt: _, ...healed } = newer;
      await store.put([healed], 'fenced');
      expect(await store.purge(older.purgeAt ?? 0, 10)).toBe(0);
      expect(await store.get(view.id)).toStrictEqual(healed);
    }));

  it('refuses damaged checkpoints and notes on parked carts', () =>
    inStore(async (store, folder) => {
      await overwrite(folder, 'carts_v1.checkpoints', 'carts', Buffer.from('....12'));
      await overwrite(folder, 'carts_v1.parked', view.id, Buffer.from('..'));
      const refusal = (what: string) => ({ code: 'corrupted', message: expect.stringContaining(what) });
      await expect(store.checkpoints()).rejects.toMatchObject(refusal('checkpoint of carts'));
      await expect(store.parked()).rejects.toMatchObject(refusal('note on u~42~main'));
    }));

  it('refuses the folder of another store, and what is no folder', () =>
    inFolder(async (folder) => {
      await (await openLmdbFolder(folder, 'event-store', 1)).close();
      await expect(EmbeddedReadStore.open(folder)).rejects.toMatchObject({ code: 'corrupted' });
      await writeFile(join(folder, 'file'), '');
      const open = EmbeddedReadStore.open(join(folder, 'file'));
      await expect(open).rejects.toMatchObject({ code: 'unavailable' });
    }));

  it('refuses a malformed name of a generation', () =>
    inFolder(async (folder) => {
      for (const generation of ['', 'carts.v1', 'x'.repeat(65)])
        await expect(EmbeddedReadStore.open(folder, { generation })).rejects.toThrow(RangeError);
    }));

  it('is unavailable once closed', () =>
    inStore(async (store) => {
      const scan = store.scan()[Symbol.asyncIterator]();
      await store.close();
      const attempts = [store.get(view.id), store.put([view], 'fenced'), scan.next(), store.checkpoints()];
      for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    }));
});
