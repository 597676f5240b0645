import { canonical, cartIdOf, customerOwner } from '@cartage/cart';
import type { InStore } from './isolated.ts';
import { add, inBatches, lastOf, neverExpiring, randomView, seeded, shuffled, viewAfter } from './sample.ts';

/** What goes in comes out. */
export function keepsViews(inStore: InStore): void {
  it(
    'knows nothing of an unknown cart',
    inStore(async (store) => {
      expect(await store.get('u~42~main')).toBeUndefined();
      expect(await store.list('u~42')).toEqual([]);
    }),
  );

  it(
    'returns views exactly as they were put, whatever is in them',
    inStore(async (store) => {
      const random = seeded(20_350_601);
      const views = Array.from({ length: 300 }, (_, index) => randomView(random, index));
      for (const batch of inBatches(shuffled(random, views), 70)) await store.put(batch, 'fenced');
      for (const view of views) {
        const stored = await store.get(view.id);
        expect(stored).toStrictEqual(view);
        expect(stored && canonical(stored)).toBe(canonical(view));
      }
    }),
  );

  it(
    'keeps a cart of 100 lines, and one without a line',
    inStore(async (store) => {
      const items = Array.from({ length: 100 }, (_, index) =>
        add('sku', 999, { note: `№ ${index} 🛒`.repeat(40) }),
      );
      const full = viewAfter('u~full~main', items);
      const cleared = viewAfter('u~cleared~main', [add('shirt'), { type: 'ClearCart' }]);
      await store.put([full, cleared], 'fenced');
      expect([full.lineCount, cleared.lineCount]).toEqual([100, 0]);
      expect(await store.getMany([full.id, cleared.id])).toStrictEqual([full, cleared]);
    }),
  );

  it(
    'adds no field that a view does not have',
    inStore(async (store) => {
      const view = viewAfter('u~42~main', [add('shirt')], neverExpiring);
      await store.put([view], 'fenced');
      expect(Object.keys((await store.get(view.id)) ?? {}).sort()).toEqual(Object.keys(view).sort());
      expect(view).not.toHaveProperty('purgeAt');
    }),
  );

  it(
    'answers many ids in their order, repeated and unknown ones included',
    inStore(async (store) => {
      const [a, b] = ['u~a~main', 'u~b~main'].map((id) => viewAfter(id, [add('shirt')]));
      await store.put(
        [a, b].filter((view) => view !== undefined),
        'fenced',
      );
      expect(await store.getMany(['u~b~main', 'u~none~main', 'u~a~main', 'u~b~main'])).toStrictEqual([
        b,
        undefined,
        a,
        b,
      ]);
      expect(await store.getMany([])).toEqual([]);
    }),
  );
}

/** Which carts are an owner's. */
export function listsCarts(inStore: InStore): void {
  it(
    'lists all carts of an owner, and none of an owner whose key begins alike',
    inStore(async (store) => {
      const owners = ['4', '42', '4 2', '4%', '4-2'].map(customerOwner);
      const names = ['main', 'Main', '0', '-', '_', 'z'.repeat(32)];
      const ids = owners.flatMap((owner) => names.map((name) => cartIdOf(owner, name)));
      await store.put(
        ids.map((id) => viewAfter(id, [add('shirt')])),
        'fenced',
      );
      for (const owner of owners) {
        const listed = await store.list(owner);
        expect(listed.map(({ id }) => id).sort()).toEqual(names.map((name) => cartIdOf(owner, name)).sort());
        expect(listed[0]).toStrictEqual(await store.get(lastOf(listed.slice(0, 1)).id));
      }
    }),
  );

  it(
    'lists merged and expired carts as well: what a shopper may see is not for a store to say',
    inStore(async (store) => {
      const guest = 'g~0123456789012345678901';
      const merged = viewAfter(`${guest}~main`, [
        add('shirt'),
        { type: 'SealGuest', mergeId: 'm', into: 'u~1~main' },
      ]);
      await store.put([merged], 'fenced');
      expect(await store.list(guest)).toStrictEqual([merged]);
    }),
  );

  it(
    'refuses what is no cart id and no owner',
    inStore(async (store) => {
      const view = { ...viewAfter('u~42~main', [add('shirt')]), id: 'nobody' };
      const refusal = { code: 'invalid_id' };
      await expect(store.get('nobody')).rejects.toMatchObject(refusal);
      await expect(store.getMany(['u~42~main', 'u~42'])).rejects.toMatchObject(refusal);
      await expect(store.list('u~42~main')).rejects.toMatchObject(refusal);
      await expect(store.put([view], 'fenced')).rejects.toMatchObject(refusal);
    }),
  );
}
