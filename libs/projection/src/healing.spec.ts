import { noon } from '@cartage/cart/testing';
import { streamOf } from '@cartage/cart';
import { Corrupted } from '@cartage/event-store';
import { cartsCheckpoint } from './index.ts';
import { record } from './record.ts';
import { execute } from './testing.ts';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { ann, bob, lending, Setup } from './setup.fixture.ts';
import { until } from './until.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

describe('a cart that cannot be folded', () => {
  const strange = { type: 'CartTeleported', data: {} };

  it(
    'is parked, and nothing waits for it',
    setup(async (s) => {
      await s.add(ann);
      await record(s.events, ann, 1, [strange]);
      await s.add(bob);
      await s.project(async () => {
        await record(s.events, ann, 2, [strange]);
        await s.add(bob);
        await s.caughtUp();
      });
      const entry = { id: ann, revision: 2, position: '2', parkedAt: noon };
      expect(await s.real.parked()).toMatchObject([entry]);
      expect(s.projection.status()).toMatchObject({ parked: [entry], skipped: 1 });
      expect(await s.real.get(ann)).toMatchObject({ revision: 1, itemCount: 1 });
      expect(await s.stored(bob)).toBe(await s.folded(bob));
    }),
  );

  it(
    'is tried again at the next start',
    setup(async (s) => {
      await s.add(ann, 3);
      const note = { revision: 0, position: '0', reason: 'of another version', parkedAt: noon };
      await s.real.park({ id: ann, ...note });
      await record(s.events, bob, -1, [strange]);
      await s.real.park({ id: bob, ...note });
      await s.project();
      expect(await s.real.parked()).toMatchObject([{ id: bob }]);
      expect(await s.stored(ann)).toBe(await s.folded(ann));
    }),
  );

  it(
    'is projected again, events that were passed over included, as soon as somebody took it off the list',
    setup(async (s) => {
      const put = s.store.put;
      let isLimited = true;
      s.store.put = async (views, mode) => {
        const fitting = views.filter(({ id }) => !isLimited || id !== ann);
        return { ...(await put(fitting, mode)), oversized: fitting.length < views.length ? [ann] : [] };
      };
      await s.add(ann);
      await s.project(async () => {
        await s.add(ann);
        await until(() => s.projection.status().skipped === 1);
        expect(s.projection.status()).toMatchObject({ parked: [{ id: ann }] });
        isLimited = false;
        await s.real.unpark(ann);
        await until(() => s.projection.status().parked.length === 0);
        await until(async () => (await s.stored(ann)) === (await s.folded(ann)));
        await s.add(ann);
        await s.caughtUp();
      });
      expect(await s.stored(ann)).toBe(await s.folded(ann));
      expect(await s.real.parked()).toEqual([]);
    }),
    20_000,
  );

  it(
    'is parked, when its view is over the limit of the store',
    setup(async (s) => {
      const put = s.store.put;
      s.store.put = async (views, mode) => {
        const fitting = views.filter(({ id }) => id !== ann);
        return { ...(await put(fitting, mode)), oversized: fitting.length < views.length ? [ann] : [] };
      };
      await s.add(ann, 2);
      await s.add(bob);
      await s.project();
      expect(await s.real.parked()).toMatchObject([{ id: ann, revision: 2, position: '2' }]);
      expect(await s.stored(bob)).toBe(await s.folded(bob));
    }),
  );
});

/** Another process, when the carts of both have a row and one more event. */
async function projected(before: Setup): Promise<Setup> {
  for (const id of [ann, bob]) await before.add(id);
  await before.project();
  for (const id of [ann, bob]) await before.add(id);
  return new Setup(before.events, before.real);
}

describe('a view that is not what it should be', () => {
  it(
    'is folded from its stream when it was lost',
    setup(async (s) => {
      await s.add(ann, 2);
      await s.real.saveCheckpoint(cartsCheckpoint, await s.events.head());
      await s.add(ann);
      await s.project();
      expect(s.projection.status().gaps).toBe(1);
      expect(await s.stored(ann)).toBe(await s.folded(ann));
    }),
  );

  it(
    'is folded from what is left of a truncated stream, and still replaces a row of a later write time',
    setup(async (s) => {
      await s.add(ann, 2);
      s.now -= 60_000;
      await execute(s.events, ann, { type: 'CheckOut', orderId: 'o1' }, s.now);
      await s.project();
      await s.add(ann);
      await s.events.truncate(streamOf(ann), 4);
      await s.real.saveCheckpoint(cartsCheckpoint, await s.events.head());
      await s.add(ann);
      const before = await s.real.get(ann);

      const second = new Setup(s.events, s.real);
      await second.project();

      expect(await s.stored(ann)).toBe(await s.folded(ann));
      const after = await s.real.get(ann);
      expect(after?.revision).toBe(6);
      expect(after?.writeTime).toBeGreaterThan(before?.writeTime ?? Infinity);
    }),
  );

  it(
    'is written anew from the log when its row is damaged',
    setup(async (before) => {
      const s = await projected(before);
      let damaged = true;
      const { getMany, put } = s.store;
      s.store.getMany = (ids) =>
        damaged && ids.includes(ann) ? Promise.reject(new Corrupted('no view')) : getMany(ids);
      s.store.put = (views, mode) => {
        damaged &&= !views.some(({ id }) => id === ann);
        return put(views, mode);
      };
      await s.project();
      expect(await s.real.parked()).toEqual([]);
      expect(await s.stored(ann)).toBe(await s.folded(ann));
      expect(await s.stored(bob)).toBe(await s.folded(bob));
    }),
  );

  it(
    'is parked when its row is damaged beyond mending',
    setup(async (before) => {
      const s = await projected(before);
      const { getMany, put } = s.store;
      s.store.getMany = (ids) =>
        ids.includes(ann) ? Promise.reject(new Corrupted('no view')) : getMany(ids);
      s.store.put = (views, mode) =>
        views.some(({ id }) => id === ann) ? Promise.reject(new Corrupted('no view')) : put(views, mode);
      await s.project();
      expect(await s.real.parked()).toMatchObject([{ id: ann, revision: 2, reason: 'no view' }]);
      expect(await s.stored(bob)).toBe(await s.folded(bob));
    }),
  );
});
