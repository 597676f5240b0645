import { findEngine, launchEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, readStoreContract, using, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { MongoDbReadStore } from './index.ts';
import { opened, OwnDatabase, provisioned } from './testing/own-database.ts';

import.meta.jest.setTimeout(30_000);

const view = viewAfter('u~42~main', [add('shirt')]);
const unprovisioned = {
  code: 'unavailable',
  message: expect.stringContaining('carts_v1 is not provisioned'),
};

describeOn(await findEngine('mongodb'), 'mongodb', (engine) => {
  const database = new OwnDatabase(engine.url);
  const inStore = (body: (store: ReadStore) => Promise<void>) => (): Promise<void> =>
    using(provisioned(database.url), async (store) => {
      await body(store);
      await store.drop();
    });

  describe('MongoDbReadStore', () => {
    readStoreContract((generation) => provisioned(database.url, generation));
  });

  describe('MongoDbReadStore, where MongoDB forgets nothing by itself', () => {
    readStoreContract((generation) => provisioned(database.urlWith('ttl=off'), `off_${generation}`));
  });

  it(
    'tells stale views from written ones, of one cart in one batch too',
    inStore(async (store) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      expect(await store.put(versions.toReversed(), 'fenced')).toEqual({
        written: 1,
        stale: 2,
        oversized: [],
      });
      expect(await store.put(versions, 'fresh')).toEqual({ written: 0, stale: 3, oversized: [] });
    }),
  );

  it(
    'goes by the revision alone: writers whose clocks are an hour apart do no harm',
    inStore(async (store) => {
      const [older, newer] = versionsOf('u~42~main', [add('shirt')]);
      if (!older || !newer) throw new Error('There are not enough versions.');
      const behind = {
        ...newer,
        writeTime: newer.writeTime - 3_600_000_000,
        updatedAt: newer.updatedAt - 3_600_000,
      };
      await store.put([older], 'fenced');
      await store.put([behind], 'fenced');
      expect(await store.get(older.id)).toStrictEqual(behind);
      expect(await store.put([older], 'fenced')).toMatchObject({ stale: 1 });
    }),
  );

  it('sweeps all that will ever be due, and leaves what will not', () =>
    using(provisioned(database.urlWith('ttl=off')), async (store) => {
      const { purgeAt: _, ...forever } = { ...view, id: 'u~forever~main' };
      await store.put([view, forever], 'fenced');
      expect(await store.purge(Infinity, 10)).toBe(1);
      expect(await store.getMany([view.id, forever.id])).toStrictEqual([undefined, forever]);
      await store.drop();
    }));

  it(
    'leaves views over 16 MiB out and writes the others',
    inStore(async (store) => {
      const large = { ...view, id: 'u~large~main', sessionId: 'ß'.repeat(8 * 1024 * 1024) };
      const full = { ...view, id: 'u~full~main', sessionId: 'x'.repeat(15_900_000) };
      const result = await store.put([view, large, full, large], 'fenced');
      expect(result).toEqual({ written: 2, stale: 0, oversized: [large.id, large.id] });
      expect(await store.getMany([view.id, large.id, full.id])).toStrictEqual([view, undefined, full]);
    }),
  );

  it(
    'names the cart whose document is damaged, gives others that are read with it, and heals it by the next version',
    inStore(async (store) => {
      const [older, newer] = versionsOf('u~42~main', [add('shirt')]);
      if (!older || !newer) throw new Error('There are not enough versions.');
      const other = { ...view, id: 'u~43~main' };
      await store.put([older, other], 'fenced');
      const damaged = { q: { _id: older.id }, u: { $set: { revision: 'new' } } };
      await database.command({ update: 'carts_v1', updates: [damaged] });
      const refusal = { code: 'corrupted', message: expect.stringMatching(/view of u~42~main.*revision/) };
      const [broken, sound] = await Promise.allSettled([store.get(older.id), store.get(other.id)]);
      expect(broken).toMatchObject({ status: 'rejected', reason: refusal });
      expect(sound).toStrictEqual({ status: 'fulfilled', value: other });
      await expect(store.list('u~42')).rejects.toMatchObject(refusal);
      await store.put([newer], 'fenced');
      expect(await store.get(older.id)).toStrictEqual(newer);
    }),
  );

  it(
    'refuses damaged checkpoints and notes on parked carts',
    inStore(async (store) => {
      await database.command({
        insert: 'carts_v1.checkpoints',
        documents: [{ _id: 'carts', position: 1.5 }],
      });
      await database.command({ insert: 'carts_v1.parked', documents: [{ _id: view.id, revision: 1 }] });
      const refusal = (what: string) => ({ code: 'corrupted', message: expect.stringContaining(what) });
      await expect(store.checkpoints()).rejects.toMatchObject(refusal('checkpoint of carts'));
      await expect(store.parked()).rejects.toMatchObject(refusal('note on u~42~main'));
    }),
  );

  it('makes nothing by itself: before a generation is provisioned, and after it was dropped, it is unavailable', () =>
    using(opened(database.url), async (store) => {
      for (let round = 0; round < 2; round += 1) {
        await expect(store.get(view.id)).rejects.toMatchObject(unprovisioned);
        await expect(store.put([view], 'fenced')).rejects.toMatchObject(unprovisioned);
        await expect(store.scan()[Symbol.asyncIterator]().next()).rejects.toMatchObject(unprovisioned);
        await expect(store.saveCheckpoint('carts', 1n)).rejects.toMatchObject(unprovisioned);
        await store.provision();
        expect(await store.get(view.id)).toBeUndefined();
        await store.put([view], 'fenced');
        await store.drop();
      }
      expect(await database.documents('carts_v1')).toEqual([]);
    }));

  it('refuses a malformed name of a generation, and settings that the driver does not take', async () => {
    await expect(MongoDbReadStore.open(database.url, { generation: 'carts.v1' })).rejects.toThrow(RangeError);
    const open = MongoDbReadStore.open('mongodb://u:sesame@h/c?authMechanism=magic');
    await expect(open).rejects.toMatchObject({ code: 'invalid_address' });
    await expect(open).rejects.not.toThrow(/sesame/);
  });

  it('lets writes under way finish, and is unavailable once closed', async () => {
    const store = await provisioned(database.url);
    const scan = store.scan()[Symbol.asyncIterator]();
    const versions = Array.from({ length: 2_500 }, (_, index) => ({ ...view, id: `u~${index}~main` }));
    const writing = store.put(versions, 'fresh');
    await store.close();
    expect((await writing).written).toBe(2_500);
    const attempts = [store.get(view.id), store.put([view], 'fenced'), scan.next(), store.checkpoints()];
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    await using(opened(database.url), (again) => again.drop());
  });
});

describeOn(await findEngine('mongodb'), 'mongodb', () => {
  describe('MongoDbReadStore, where the first insert of each document is raced, on a replica set', () => {
    const launched = launchEngine('mongodb', { race: true, replicaSet: true });
    afterAll(async () => (await launched).stop());
    readStoreContract(async (generation) => provisioned((await launched).engine.url, generation));
  });

  it('is forgotten by MongoDB after its purge time, and not before', async () => {
    const launched = await launchEngine('mongodb', { ttl: 200 });
    try {
      await using(provisioned(launched.engine.url), async (store) => {
        const due = { ...view, id: 'u~due~main', purgeAt: Date.now() - 1 };
        const soon = { ...view, id: 'u~soon~main', purgeAt: Date.now() + 3_600_000 };
        const { purgeAt: _, ...forever } = { ...view, id: 'u~forever~main' };
        await store.put([due, soon, forever], 'fenced');
        while (await store.get(due.id)) await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await store.getMany([due.id, soon.id, forever.id])).toStrictEqual([undefined, soon, forever]);
        const later = lastOf(versionsOf(due.id, [add('shirt'), add('cap')]));
        expect(await store.put([later], 'fenced')).toMatchObject({ written: 1 });
      });
    } finally {
      await launched.stop();
    }
  });
});
