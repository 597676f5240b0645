import { bucketCount, bucketOf, type CartView, partsOf } from '@cartage/cart';
import { collect, type InStore } from './isolated.ts';
import { add, inBatches, lastOf, randomView, seeded, versionsOf } from './sample.ts';

const byId = (a: CartView, b: CartView): number => (a.id < b.id ? -1 : 1);
const bucketOfCart = (id: string): number => bucketOf(partsOf(id).owner);

function someViews(count: number): readonly CartView[] {
  const random = seeded(count);
  return Array.from({ length: count }, (_, index) => randomView(random, index));
}

/** All views come by. */
export function scansViews(inStore: InStore): void {
  it(
    'scans every view, once, and nothing in an empty store',
    inStore(async (store) => {
      expect(await collect(store.scan())).toEqual([]);
      const views = someViews(1100);
      for (const batch of inBatches(views, 300)) await store.put(batch, 'fresh');
      expect([...(await collect(store.scan()))].sort(byId)).toStrictEqual([...views].sort(byId));
    }),
  );

  it(
    'scans ranges of buckets, both ends included',
    inStore(async (store) => {
      const views = someViews(200);
      await store.put(views, 'fresh');
      const middle = bucketOfCart(lastOf(views).id);
      const ranges = [
        [0, middle - 1],
        [middle, middle],
        [middle + 1, bucketCount - 1],
      ] as const;
      for (const [from, to] of ranges) {
        const within = views.filter(({ id }) => bucketOfCart(id) >= from && bucketOfCart(id) <= to);
        const scanned = await collect(store.scan({ from, to }));
        expect([...scanned].sort(byId)).toStrictEqual([...within].sort(byId));
      }
    }),
  );

  it(
    'misses nothing while writes go on',
    inStore(async (store) => {
      const histories = Array.from({ length: 900 }, (_, cart) =>
        versionsOf(`u~${cart}~main`, [add('shirt'), add('cap')]),
      );
      const before = histories.map((history) => lastOf(history.slice(0, -1)));
      await store.put(before, 'fresh');
      const scanned = new Map<string, number>();
      let pages = 0;
      for await (const page of store.scan()) {
        for (const { id, revision } of page) scanned.set(id, revision);
        const newcomers = versionsOf(`u~new${pages}~main`, [add('shirt')]);
        const updates = histories.map(lastOf).slice(pages * 100, (pages + 1) * 100);
        await store.put([...newcomers, ...updates], 'fenced');
        pages += 1;
      }
      const missing = before.filter(({ id, revision }) => (scanned.get(id) ?? -1) < revision);
      expect(missing.map(({ id }) => id)).toEqual([]);
      expect(pages).toBeGreaterThan(0);
    }),
  );

  it(
    'lets go of a scan that is broken off',
    inStore(async (store) => {
      await store.put(someViews(50), 'fresh');
      let first: readonly CartView[] = [];
      for await (const page of store.scan()) {
        first = page;
        break;
      }
      expect(first.length).toBeGreaterThan(0);
      expect(await collect(store.scan())).toHaveLength(50);
    }),
  );
}
