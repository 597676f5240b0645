import type { CartView } from '@cartage/cart';
import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { PutResult, ReadStore } from '@cartage/read-store';
import {
  add,
  inBatches,
  lastOf,
  readStoreContract,
  seeded,
  shuffled,
  versionsOf,
  viewAfter,
  watching,
} from '@cartage/read-store/testing';
import { DynamoDbReadStore } from './index.ts';
import { mostViewBytes } from './put.ts';
import { clientFor, removeTables, urlWith } from './testing/server.ts';

// Cases of the contract ask hundreds of times, one after the other, and other suites run meanwhile.
import.meta.jest.setTimeout(20_000);

const view = viewAfter('u~42~main', [add('shirt')]);

/** A view of that many bytes as JSON. */
function viewOfSize(id: string, bytes: number): CartView {
  const note = (length: number): CartView =>
    viewAfter(id, [add('shirt', 1, { note: 'ü'.repeat(10) + 'x'.repeat(length) })]);
  return note(bytes - Buffer.byteLength(JSON.stringify(note(0))));
}

describeOn(await findEngine('dynamodb'), 'dynamodb', (engine) => {
  const url = urlWith(engine.url, `cartage-spec-${process.pid}`);
  const table = `cartage-spec-${process.pid}.carts_v1`;
  const client = clientFor(url);
  afterAll(async () => {
    await removeTables(url);
    client.destroy();
  });

  const open = async (generation: string, at = url): Promise<ReadStore> => {
    const store = await DynamoDbReadStore.open(at, { generation });
    await store.provision();
    return store;
  };

  const inStore = async (body: (store: ReadStore) => Promise<void>): Promise<void> => {
    const store = await open('carts_v1');
    try {
      await body(store);
    } finally {
      await store.drop();
      await store.close();
    }
  };

  describe('with a TTL', () => {
    readStoreContract(open);
  });

  describe('with ttl=off', () => {
    const off = urlWith(url, `cartage-off-${process.pid}`, { ttl: 'off' });
    afterAll(() => removeTables(off));
    readStoreContract((generation) => open(generation, off));
  });

  describe('DynamoDbReadStore', () => {
    it('sends the newest of several versions only, and tells stale views from written ones', () =>
      inStore(async (store) => {
        const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
        expect(await store.put(versions, 'fenced')).toEqual({ written: 1, stale: 2, oversized: [] });
        expect(await store.put(versions, 'fenced')).toEqual({ written: 0, stale: 3, oversized: [] });
        expect(await store.put(versions, 'fresh')).toEqual({ written: 1, stale: 2, oversized: [] });
      }));

    it.each(['fenced', 'fresh'] as const)(
      'takes views up to its limit, and finds those over it before a %s put',
      (mode) =>
        inStore(async (store) => {
          const longest = `u~${'x'.repeat(198)}~${'n'.repeat(32)}`;
          const largest = viewOfSize(longest, mostViewBytes);
          const over = viewOfSize('u~42~over', mostViewBytes + 1);
          expect(await store.put([over, view, largest], mode)).toEqual({
            written: 2,
            stale: 0,
            oversized: [over.id],
          });
          const stored = await store.getMany([largest.id, over.id, view.id]);
          expect(stored).toStrictEqual([largest, undefined, view]);
        }),
    );

    it('reads and writes batches, lists and scans of more than a request or an answer may hold', () =>
      inStore(async (store) => {
        const large = viewOfSize('u~42~main', 390_000);
        const carts = Array.from({ length: 45 }, (_, cart) => ({ ...large, id: `u~42~${cart}` }));
        expect(await store.put(carts, 'fresh')).toMatchObject({ written: 45 });
        expect(await store.getMany(carts.map(({ id }) => id))).toStrictEqual(carts);
        expect(await store.list('u~42')).toHaveLength(45);
        const scanned: string[] = [];
        for await (const page of store.scan()) scanned.push(...page.map(({ id }) => id));
        expect(scanned.sort()).toEqual(carts.map(({ id }) => id).sort());
      }));

    it('keeps the second of the purge time where DynamoDB looks for it, in whatever mode and however late', () =>
      inStore(async (store) => {
        const { TimeToLiveDescription } = await client.describeTimeToLive({ TableName: table });
        expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
        const other = { ...view, id: 'u~43~main' };
        await store.put([view], 'fenced');
        await store.put([other], 'fresh');
        const { Items = [] } = await client.scan({ TableName: table });
        const expected = `${Math.ceil((view.purgeAt ?? 0) / 1000)}`;
        expect(Items.map(({ ttl }) => ttl?.N)).toEqual([expected, expected]);
      }));

    it('names the cart whose view is damaged, answers the others, and takes the next version in its place', () =>
      inStore(async (store) => {
        const [older, newer] = [view, lastOf(versionsOf(view.id, [add('shirt'), add('cap')]))];
        const sound = { ...view, id: 'u~43~main' };
        await store.put([older, sound], 'fenced');
        await client.updateItem({
          TableName: table,
          Key: { pk: { S: 'OWNER#u~42' }, sk: { S: 'CART#main' } },
          UpdateExpression: 'SET cart = :garbage',
          ExpressionAttributeValues: { ':garbage': { S: '{"id":' } },
        });
        const refusal = { code: 'corrupted', message: expect.stringContaining('view of u~42~main') };
        const [damaged, answered] = await Promise.allSettled([store.get(view.id), store.get(sound.id)]);
        expect(damaged).toMatchObject({ status: 'rejected', reason: refusal });
        expect(answered).toEqual({ status: 'fulfilled', value: sound });
        await expect(store.list('u~42')).rejects.toMatchObject(refusal);
        await store.put([newer], 'fenced');
        expect(await store.get(view.id)).toStrictEqual(newer);
      }));

    it('refuses damaged checkpoints and notes on parked carts', () =>
      inStore(async (store) => {
        const put = (sk: string, attributes: Record<string, { S: string }>) =>
          client.putItem({ TableName: table, Item: { pk: { S: 'BOOKS' }, sk: { S: sk }, ...attributes } });
        await put('CHECKPOINT#carts', { position: { S: 'soon' } });
        const refusal = (what: string) => ({ code: 'corrupted', message: expect.stringContaining(what) });
        await expect(store.checkpoints()).rejects.toMatchObject(refusal('checkpoint of carts'));
        for (const note of ['', 'null', '{}', JSON.stringify({ id: 'u~1~main' })]) {
          await put('PARKED#u~42~main', { note: { S: note } });
          await expect(store.parked()).rejects.toMatchObject(refusal('note on u~42~main'));
        }
      }));

    it('keeps the highest of 200 shuffled, doubled and concurrent versions of 50 carts, and never shows one go back', () =>
      inStore(async (store) => {
        const other = await open('carts_v1');
        const random = seeded(2035);
        const adds = Array.from({ length: 199 }, () => add('shirt'));
        const histories = Array.from({ length: 50 }, (_, cart) => versionsOf(`u~${cart}~main`, adds));
        const versions = histories.flat();
        // In windows, as projectors write them: of a cart's versions in one, only the newest is sent.
        const batches = [...inBatches(shuffled(random, [...versions, ...versions]), 400)];
        const ids = histories.map((history) => lastOf(history).id);
        const watch = watching(store, ids);
        const write = async (writer: ReadStore): Promise<void> => {
          for (let batch = batches.pop(); batch; batch = batches.pop()) await writer.put(batch, 'fenced');
        };
        await Promise.all([store, other, store, other].map(write));
        expect(await watch.stop()).toEqual([]);
        expect(await store.getMany(ids)).toStrictEqual(histories.map(lastOf));
        await other.close();
      }));

    it('refuses a malformed URL and name of a generation', async () => {
      await expect(DynamoDbReadStore.open('dynamodb://')).rejects.toMatchObject({ code: 'invalid_address' });
      for (const generation of ['', 'carts.v1', 'x'.repeat(49)])
        await expect(DynamoDbReadStore.open(url, { generation })).rejects.toThrow(RangeError);
    });

    it('finishes what was asked when it is closed, and is unavailable from then on', async () => {
      const store = await open('closing');
      const views = Array.from({ length: 200 }, (_, cart) => ({ ...view, id: `u~${cart}~main` }));
      let result: PutResult | undefined;
      void store.put(views, 'fenced').then((done) => (result = done));
      const scan = store.scan()[Symbol.asyncIterator]();
      await store.close();
      expect(result).toEqual({ written: 200, stale: 0, oversized: [] });
      const attempts = [store.get(view.id), store.put([view], 'fenced'), scan.next(), store.checkpoints()];
      for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    });
  });
});
