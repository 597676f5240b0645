import type { Parked } from '../index.ts';
import { collect, type InStore } from './isolated.ts';
import { add, viewAfter } from './sample.ts';

const view = viewAfter('u~42~main', [add('shirt')]);
const parkedCart: Parked = {
  id: 'u~42~main',
  revision: 3,
  position: `${2n ** 63n - 1n}`,
  reason: 'ItemAdded: the field "line" is missing — «Größe» 🛒',
  parkedAt: 2_064_312_000_000,
};
const byId = (a: Parked, b: Parked): number => (a.id < b.id ? -1 : 1);

/** How far projections have come, and what they left aside. */
export function keepsBooks(inStore: InStore): void {
  it(
    'keeps checkpoints by name, beyond 2^53, and lets them go back',
    inStore(async (store) => {
      expect(await store.checkpoints()).toEqual(new Map());
      await store.saveCheckpoint('carts 0-4999', 2n ** 53n + 1n);
      await store.saveCheckpoint('carts 5000-9999', 2n ** 63n - 1n);
      await store.saveCheckpoint('carts', 0n);
      await store.saveCheckpoint('carts 5000-9999', 12n);
      const expected = [
        ['carts 0-4999', 2n ** 53n + 1n],
        ['carts 5000-9999', 12n],
        ['carts', 0n],
      ] as const;
      expect(await store.checkpoints()).toEqual(new Map(expected));
    }),
  );

  it(
    'parks carts, replaces what it knows of one, and takes them off the list',
    inStore(async (store) => {
      const other = { ...parkedCart, id: 'g~0123456789012345678901~main', revision: 0 };
      const again = { ...parkedCart, revision: 4, reason: '' };
      expect(await store.parked()).toEqual([]);
      await store.park(parkedCart);
      await store.park(other);
      expect([...(await store.parked())].sort(byId)).toStrictEqual([other, parkedCart]);
      await store.park(again);
      expect([...(await store.parked())].sort(byId)).toStrictEqual([other, again]);
      await store.unpark(other.id);
      await store.unpark('u~unknown~main');
      expect(await store.parked()).toStrictEqual([again]);
    }),
  );

  it(
    'keeps views, checkpoints and parked carts out of each other’s way',
    inStore(async (store) => {
      await store.put([view], 'fenced');
      await store.saveCheckpoint(view.id, 1n);
      await store.park(parkedCart);
      expect(await collect(store.scan())).toStrictEqual([view]);
      await store.unpark(view.id);
      expect(await store.get(view.id)).toStrictEqual(view);
    }),
  );
}

/** Tables come and go. */
export function provisions(inStore: InStore): void {
  it(
    'provisions again without touching what is there',
    inStore(async (store, connect) => {
      await store.put([view], 'fenced');
      await store.provision();
      await (await connect()).provision();
      expect(await store.get(view.id)).toStrictEqual(view);
    }),
  );

  it(
    'drops all a generation holds, twice if asked, and is empty when provisioned again',
    inStore(async (store) => {
      await store.put([view], 'fenced');
      await store.saveCheckpoint('carts', 7n);
      await store.park(parkedCart);
      await store.drop();
      await store.drop();
      await store.provision();
      expect(await store.get(view.id)).toBeUndefined();
      expect([await store.parked(), await store.checkpoints()]).toEqual([[], new Map()]);
      expect((await store.put([view], 'fenced')).written).toBe(1);
      expect(await collect(store.scan())).toStrictEqual([view]);
    }),
  );

  it(
    'drops one generation and leaves the others',
    inStore(async (store, connect) => {
      const next = await connect('_next');
      expect(await next.get(view.id)).toBeUndefined();
      await store.put([view], 'fenced');
      await next.put([view], 'fresh');
      await next.saveCheckpoint('carts', 7n);
      await store.drop();
      expect(await next.get(view.id)).toStrictEqual(view);
      expect(await next.checkpoints()).toEqual(new Map([['carts', 7n]]));
    }),
  );

  it(
    'keeps everything when it is closed and opened again',
    inStore(async (store, connect) => {
      await store.put([view], 'fenced');
      await store.saveCheckpoint('carts', 2n ** 60n);
      await store.park(parkedCart);
      await store.close();
      await store.close();
      const reopened = await connect();
      expect(await reopened.get(view.id)).toStrictEqual(view);
      expect(await reopened.checkpoints()).toEqual(new Map([['carts', 2n ** 60n]]));
      expect(await reopened.parked()).toStrictEqual([parkedCart]);
    }),
  );
}
