import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import {
  add,
  inBatches,
  int,
  lastOf,
  readStoreContract,
  seeded,
  shuffled,
  using,
  versionsOf,
  viewAfter,
  watching,
} from '@cartage/read-store/testing';
import { CassandraReadStore } from './index.ts';
import { inStore, OwnKeyspace, provisioned } from './testing/own-keyspace.ts';

// Tables are made in tenths of a second, and other suites run meanwhile.
import.meta.jest.setTimeout(30_000);

const view = viewAfter('u~42~main', [add('shirt')]);
const unprovisioned = { code: 'unavailable', message: expect.stringContaining('is not provisioned') };

describeOn(await findEngine('cassandra'), 'cassandra', (engine) => {
  const keyspace = new OwnKeyspace(engine.url, 'contract');
  const url = keyspace.urlWith();
  afterAll(() => keyspace.remove());

  describe('where Cassandra forgets views by itself', () => {
    readStoreContract((generation) => provisioned(url, { generation }));
  });

  describe('with ttl=off', () => {
    readStoreContract((generation) =>
      provisioned(keyspace.urlWith('ttl=off'), { generation: `off_${generation}` }),
    );
  });

  it('sends the newest of several versions of a cart only', () =>
    inStore(url, async (store) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      const result = await store.put(versions.toReversed(), 'fenced');
      expect(result).toEqual({ written: 1, stale: 2, oversized: [] });
      expect(await store.get('u~42~main')).toStrictEqual(lastOf(versions));
    }));

  it('leaves views over 15 MiB out and writes the others', () =>
    inStore(url, async (store) => {
      const large = { ...view, id: 'u~large~main', sessionId: 'ß'.repeat(8 * 1024 * 1024) };
      const full = { ...view, id: 'u~full~main', sessionId: 'x'.repeat(15_000_000) };
      const result = await store.put([view, large, full], 'fenced');
      expect(result).toEqual({ written: 2, stale: 0, oversized: [large.id] });
      expect(await store.getMany([view.id, large.id, full.id])).toStrictEqual([view, undefined, full]);
    }));

  it('names the cart whose row is damaged, and takes the next version in its place', () =>
    inStore(url, async (store) => {
      const [older, newer] = versionsOf('u~42~main', [add('shirt')]);
      if (!older || !newer) throw new Error('There are not enough versions.');
      await store.put([older, { ...view, id: 'u~43~main' }], 'fenced');
      const damage = `UPDATE KS.carts_v1 USING TIMESTAMP ${older.writeTime + 1} SET cart = ? WHERE owner = 'u~42' AND name = 'main'`;
      await keyspace.execute(damage, ['{"id":']);
      const refusal = { code: 'corrupted', message: expect.stringContaining('view of u~42~main') };
      await expect(store.get('u~42~main')).rejects.toMatchObject(refusal);
      await expect(store.list('u~42')).rejects.toMatchObject(refusal);
      await expect(store.scan()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'corrupted' });
      expect(await store.list('u~43')).toHaveLength(1);
      await store.put([newer], 'fenced');
      expect(await store.get('u~42~main')).toStrictEqual(newer);
    }));

  it('refuses damaged checkpoints and notes on parked carts', () =>
    inStore(url, async (store) => {
      const write = (owner: string, name: string, cart: string) =>
        keyspace.execute('INSERT INTO KS.carts_v1 (owner, name, cart) VALUES (?, ?, ?)', [owner, name, cart]);
      const refusal = (what: string) => ({ code: 'corrupted', message: expect.stringContaining(what) });
      await write('#checkpoints', 'carts', '1.5');
      await expect(store.checkpoints()).rejects.toMatchObject(refusal('checkpoint of carts'));
      for (const note of ['', 'null', '{}', JSON.stringify({ id: 'u~1~main' })]) {
        await write('#parked', view.id, note);
        await expect(store.parked()).rejects.toMatchObject(refusal('note on u~42~main'));
      }
    }));

  it('lists more carts of an owner than Cassandra gives in a page', () =>
    inStore(url, async (store) => {
      const rows = Array.from({ length: 5_100 }, (_, cart) => ({ ...view, id: `u~42~${cart}` }));
      await store.put(rows, 'fresh');
      expect(new Set((await store.list('u~42')).map(({ id }) => id)).size).toBe(5_100);
    }));

  it('makes nothing by itself: before a generation is provisioned, and after it was dropped, it is unavailable', () =>
    using(CassandraReadStore.open(url, { generation: 'unmade' }), async (store) => {
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
      const elsewhere = CassandraReadStore.open(url.replace(keyspace.name, 'nowhere'));
      await using(elsewhere, async (other) => {
        await expect(other.get(view.id)).rejects.toMatchObject(unprovisioned);
        await other.drop();
      });
    }));

  it('refuses what is malformed when it is opened', async () => {
    for (const generation of ['', 'carts.v1', 'x'.repeat(49)])
      await expect(CassandraReadStore.open(url, { generation })).rejects.toThrow(RangeError);
    const invalid = { code: 'invalid_address' };
    await expect(CassandraReadStore.open('cassandra://h')).rejects.toMatchObject(invalid);
    const missing = CassandraReadStore.open('cassandra://u:sesame@h/c?tls=true&ca=missing.pem');
    await expect(missing).rejects.toMatchObject({
      ...invalid,
      message: expect.stringMatching(/missing\.pem/),
    });
    await expect(missing).rejects.not.toThrow(/sesame/);
  });

  it('finishes what was asked when it is closed, and is unavailable from then on', async () => {
    const store = await provisioned(url, { generation: 'closing' });
    const views = Array.from({ length: 1_500 }, (_, cart) => ({ ...view, id: `u~${cart}~main` }));
    const scan = store.scan()[Symbol.asyncIterator]();
    const writing = store.put(views, 'fenced');
    await store.close();
    await store.close();
    expect(await writing).toEqual({ written: 1_500, stale: 0, oversized: [] });
    const attempts = [store.get(view.id), store.put([view], 'fenced'), scan.next(), store.checkpoints()];
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('keeps the highest of 200 shuffled, duplicated, concurrent versions of 50 carts, and never shows one go back', async () => {
    const random = seeded(20_350_601);
    const histories = Array.from({ length: 50 }, (_, cart) =>
      versionsOf(`u~${cart}~main`, [add('shirt'), add('shirt'), add('shirt')]),
    );
    const versions = histories.flat();
    expect(versions).toHaveLength(200);
    const batches = inBatches(shuffled(random, [...versions, ...versions, ...versions]), 12);
    const one = await provisioned(url, { generation: 'race' });
    const other = await provisioned(url, { generation: 'race' });
    const reader = await CassandraReadStore.open(url, { generation: 'race' });
    const ids = histories.map((history) => lastOf(history).id);
    const watch = watching(reader, ids);
    await Promise.all(batches.map((batch) => (int(random, 2) === 0 ? one : other).put(batch, 'fenced')));
    expect(await watch.stop()).toEqual([]);
    expect(await reader.getMany(ids)).toStrictEqual(histories.map(lastOf));
    for (const store of [one, other, reader]) await store.close();
  });
});
