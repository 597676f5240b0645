import type { CartView } from '@cartage/cart';
import type { ReadStore } from '../index.ts';
import { collect, type InStore } from './isolated.ts';
import { add, lastOf, neverExpiring, versionsOf, viewAfter } from './sample.ts';

const purgeTimeOf = ({ purgeAt }: CartView): number => {
  if (purgeAt === undefined) throw new Error('The view has no purge time.');
  return purgeAt;
};

/** A view with the purge time given; the domain would choose one itself. */
const dueAt = (purgeAt: number, id: string): CartView => ({ ...viewAfter(id, [add('shirt')]), purgeAt });

/** Views end when the domain said they would. */
export function forgetsViews(inStore: InStore): void {
  it(
    'stores the purge time as it was decided, however late a rebuild writes the view',
    inStore(async (store) => {
      const view = viewAfter('u~42~main', [add('shirt')]);
      await store.put([view], 'fenced');
      await store.drop();
      await store.provision();
      await store.put([view], 'fresh');
      expect((await store.get(view.id))?.purgeAt).toBe(view.purgeAt);
      expect((await store.get(view.id))?.expiresAt).toBe(view.expiresAt);
    }),
  );

  it(
    'purges what is due, oldest or not, up to the limit, and counts it; with a native TTL it leaves that to the engine',
    inStore(async (store) => {
      const now = purgeTimeOf(viewAfter('u~42~main', [add('shirt')]));
      const due = Array.from({ length: 7 }, (_, index) => dueAt(now - index * 1000, `u~due${index}~main`));
      const later = dueAt(now + 1, 'u~later~main');
      const never = viewAfter('u~never~main', [add('shirt')], neverExpiring);
      await store.put([never, ...due, later], 'fenced');
      if (store.nativeTtl) return expect(await store.purge(now, 5)).toBe(0);
      expect(await store.purge(now, 5)).toBe(5);
      expect(await collect(store.scan())).toHaveLength(4);
      expect(await store.purge(now, 5)).toBe(2);
      expect(await store.purge(now, 5)).toBe(0);
      expect(await store.getMany(due.map(({ id }) => id))).toEqual(due.map(() => undefined));
      expect(await store.getMany([later.id, never.id])).toStrictEqual([later, never]);
    }),
  );

  it(
    'does not purge a cart that has lived on, nor count it towards the limit',
    inStore(async (store) => {
      const [first, second, forever] = await livedOn(store);
      const due = dueAt(purgeTimeOf(second) - 1, 'u~due~main');
      await store.put([due], 'fenced');
      expect(await store.purge(purgeTimeOf(due), 1)).toBe(store.nativeTtl ? 0 : 1);
      expect(await store.purge(purgeTimeOf(due), 10)).toBe(0);
      expect(await store.getMany([first.id, forever.id])).toStrictEqual([second, forever]);
    }),
  );

  it(
    'takes a cart in again after it was purged',
    inStore(async (store) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      const newer = lastOf(versions);
      await store.put(versions.slice(0, -1), 'fenced');
      await store.purge(purgeTimeOf(newer), 10);
      await store.put([newer], 'fenced');
      expect(await store.list('u~42')).toStrictEqual([newer]);
    }),
  );
}

/** Two carts whose newer view is due later than the older one, or never. */
async function livedOn(store: ReadStore): Promise<readonly [CartView, CartView, CartView]> {
  const [open, opened] = versionsOf('u~42~main', [add('shirt'), add('cap')]);
  const [stays, stayed] = versionsOf('u~43~main', [add('shirt'), add('cap')]);
  if (!open || !opened || !stays || !stayed) throw new Error('There are not enough versions.');
  const { purgeAt: _, ...forever } = stayed;
  const second = { ...opened, purgeAt: purgeTimeOf(open) + 1000 };
  await store.put([open, stays], 'fenced');
  await store.put([second, forever], 'fenced');
  return [open, second, forever];
}
