import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import { using } from '@cartage/read-store/testing';
import type { Document } from 'mongodb';
import { compareOptions } from './tables.ts';
import { opened, OwnDatabase, provisioned } from './testing/own-database.ts';

import.meta.jest.setTimeout(30_000);

const scans = { key: { bucket: 1, _id: 1 }, name: 'bucket_1__id_1' };
const expiry = { key: { purgeAt: 1 }, name: 'purgeAt_1', expireAfterSeconds: 0 };

describeOn(await findEngine('mongodb'), 'mongodb', (engine) => {
  const database = new OwnDatabase(engine.url);
  let generations = 0;
  const generation = (): string => `tables_${(generations += 1)}`;

  const indexesOf = async (collection: string): Promise<readonly Document[]> => {
    const { cursor } = await database.command({ listIndexes: collection });
    const indexes: readonly Document[] = cursor.firstBatch;
    return indexes
      .filter(({ name }) => name !== '_id_')
      .map(({ v: _v, ns: _ns, ...index }) => index)
      .sort((a, b) => (a['name'] < b['name'] ? -1 : 1));
  };

  it('makes an index for scans and a TTL index of exactly { purgeAt: 1 }, 0 s after the date, however often it is asked', async () => {
    const name = generation();
    await using(provisioned(database.url, name), async (store) => {
      await using(opened(database.url, { generation: name }), (other) =>
        Promise.all([store.provision(), other.provision()]).then(() => undefined),
      );
    });
    expect(await indexesOf(name)).toEqual([scans, expiry]);
  });

  it('makes an index that removes nothing with ttl=off', async () => {
    const name = generation();
    await using(provisioned(database.urlWith('ttl=off'), name), async (store) =>
      expect(store.nativeTtl).toBe(false),
    );
    expect(await indexesOf(name)).toEqual([scans, { key: { purgeAt: 1 }, name: 'purgeAt_1' }]);
  });

  it('completes what was provisioned by half', async () => {
    const name = generation();
    await database.command({ createIndexes: name, indexes: [scans] });
    await using(provisioned(database.url, name), async () => undefined);
    expect(await indexesOf(name)).toEqual([scans, expiry]);
  });

  it.each<readonly [string, Document, RegExp]>([
    [
      'a purge index without TTL',
      { key: { purgeAt: 1 }, name: 'purgeAt_1' },
      /purgeAt_1.*"expireAfterSeconds":0.*ttl=off/,
    ],
    [
      'a purge index of another TTL',
      { ...expiry, expireAfterSeconds: 3_600 },
      /3600.*dropIndex\("purgeAt_1"\)/,
    ],
    [
      'a purge index of another name and TTL',
      { ...expiry, name: 'mine', expireAfterSeconds: 60 },
      /mine.*60/,
    ],
    [
      'the name of an index for other keys',
      { ...scans, key: { bucket: 1 } },
      /bucket_1__id_1.*"bucket":1,"_id":1/,
    ],
    ['a purge index over a part', { ...expiry, sparse: true }, /sparse/],
    [
      'another TTL index',
      { key: { updatedAt: 1 }, name: 'mine', expireAfterSeconds: 60 },
      /mine.*nothing that removes/,
    ],
    [
      'a unique index',
      { key: { sessionId: 1 }, name: 'mine', unique: true },
      /mine.*nothing that removes or refuses/,
    ],
  ])('refuses %s, says what differs and what to do, and changes nothing', async (_, index, expected) => {
    const name = generation();
    await database.command({ createIndexes: name, indexes: [index] });
    const refusal = { code: 'corrupted', message: expect.stringMatching(expected) };
    await using(opened(database.url, { generation: name }), async (store) => {
      await expect(store.provision()).rejects.toMatchObject(refusal);
      await expect(store.put([], 'fenced')).rejects.toMatchObject(refusal);
    });
    expect(await indexesOf(name)).toEqual([index]);
  });

  it('takes an index of the same meaning under another name, and leaves an operator’s own alone', async () => {
    const name = generation();
    const own = { key: { 'lines.sku': 1 }, name: 'by_sku' };
    const renamed = { ...expiry, name: 'expiry' };
    await database.command({ createIndexes: name, indexes: [own, renamed] });
    await using(provisioned(database.url, name), async () => undefined);
    expect(await indexesOf(name)).toEqual([scans, own, renamed]);
  });
});

describe('a collection that is there', () => {
  it.each([
    [{ type: 'collection', capped: true, size: 4_096 }, 'capped'],
    [{ type: 'collection', collation: { locale: 'de' } }, 'one with a collation'],
    [{ type: 'view', viewOn: 'carts' }, 'a view'],
    [{ type: 'timeseries', timeseries: {} }, 'a timeseries'],
  ])('is refused where views would get lost in it: %j', (options, flaw) => {
    const message = expect.stringMatching(
      `^The collection carts_v1 in MongoDB at h is ${flaw}, .*name another`,
    );
    const refusal = { code: 'corrupted', message };
    expect(() => compareOptions('carts_v1', options, 'MongoDB at h')).toThrow(
      expect.objectContaining(refusal),
    );
  });

  it.each([{}, { type: 'collection' }, { type: 'collection', validator: {} }])(
    'is taken as it is: %j',
    (options) => {
      expect(() => compareOptions('carts_v1', options, 'MongoDB at h')).not.toThrow();
    },
  );
});
