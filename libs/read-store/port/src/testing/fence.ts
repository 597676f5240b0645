import type { CartCommand } from '@cartage/cart';
import type { InStore } from './isolated.ts';
import {
  add,
  inBatches,
  int,
  lastOf,
  randomView,
  seeded,
  shuffled,
  versionsOf,
  viewAfter,
} from './sample.ts';
import { watching } from './watching.ts';

const tenAdds = Array.from({ length: 10 }, () => add('shirt'));
const guestCart = 'g~0123456789012345678901~main';

/** A view moves forward only. */
export function fencesWrites(inStore: InStore): void {
  it(
    'ignores a view older than the one it holds',
    inStore(async (store) => {
      const versions = versionsOf('u~42~main', tenAdds);
      await store.put([lastOf(versions)], 'fenced');
      for (const older of versions.slice(0, -1)) await store.put([older], 'fenced');
      expect(await store.get('u~42~main')).toStrictEqual(lastOf(versions));
    }),
  );

  it(
    'replaces a view by a newer one, lines and optional fields that are gone included',
    inStore(async (store) => {
      const fuller = versionsOf('u~42~main', [
        add('shirt', 2, { size: 'XL' }),
        add('cap'),
        { type: 'LinkSession', sessionId: 's' },
        { type: 'Erase' },
      ]);
      for (const version of fuller) await store.put([version], 'fenced');
      expect(await store.get('u~42~main')).toStrictEqual(lastOf(fuller));
    }),
  );

  it(
    'takes the newest of several versions in one batch, in whatever order they stand',
    inStore(async (store) => {
      const versions = versionsOf('u~42~main', tenAdds);
      await store.put(shuffled(seeded(7), versions), 'fenced');
      expect(await store.get('u~42~main')).toStrictEqual(lastOf(versions));
    }),
  );

  it(
    'never goes backwards under shuffled, duplicated and concurrent versions',
    inStore(async (store, connect) => {
      const random = seeded(2035);
      const histories = Array.from({ length: 12 }, (_, cart) => versionsOf(`u~${cart}~main`, tenAdds));
      const versions = histories.flat();
      const batches = inBatches(shuffled(random, [...versions, ...versions, ...versions]), 9);
      const stores = [store, await connect()];
      const ids = histories.map((history) => lastOf(history).id);
      const watch = watching(store, ids);
      await inFlight(8, batches, (batch) => stores[int(random, 2)]?.put(batch, 'fenced'));
      expect(await watch.stop()).toEqual([]);
      expect(await store.getMany(ids)).toStrictEqual(histories.map(lastOf));
    }),
  );

  it(
    'counts what became of every view',
    inStore(async (store) => {
      const views = Array.from({ length: 20 }, (_, index) => viewAfter(`u~${index}~main`, tenAdds));
      expect(await store.put(views, 'fenced')).toEqual({ written: 20, stale: 0, oversized: [] });
      const { written, stale, oversized } = await store.put(views, 'fenced');
      expect([written + stale, oversized]).toEqual([20, []]);
      expect(await store.put([], 'fenced')).toEqual({ written: 0, stale: 0, oversized: [] });
    }),
  );

  it(
    'fences writes over what was written to a fresh generation',
    inStore(async (store) => {
      const random = seeded(3);
      const views = Array.from({ length: 60 }, (_, index) => randomView(random, index));
      const [older, held, newer] = versionsOf('u~42~main', tenAdds).slice(3);
      if (!older || !held || !newer) throw new Error('There are not enough versions.');
      expect(await store.put([...views, held], 'fresh')).toEqual({ written: 61, stale: 0, oversized: [] });
      expect(await store.getMany(views.map(({ id }) => id))).toStrictEqual(views);
      await store.put([older], 'fenced');
      expect(await store.get(held.id)).toStrictEqual(held);
      await store.put([newer], 'fenced');
      expect(await store.get(held.id)).toStrictEqual(newer);
    }),
  );
}

/** A cart that ended stays ended. */
export function keepsTombstones(inStore: InStore): void {
  it.each<readonly [string, string, CartCommand]>([
    ['merged', guestCart, { type: 'SealGuest', mergeId: 'm', into: 'u~42~main' }],
    ['erased', 'u~42~main', { type: 'Erase' }],
  ])('keeps a cart %s against late writers', async (status, id, end) => {
    await inStore(async (store) => {
      const versions = versionsOf(id, [...tenAdds, end]);
      await store.put([lastOf(versions)], 'fenced');
      const late = versions.slice(0, -1);
      await Promise.all(late.map((version) => store.put([version], 'fenced')));
      await store.put(late, 'fenced');
      expect(await store.get(id)).toStrictEqual(lastOf(versions));
      expect(await store.get(id)).toHaveProperty('status', status);
    })();
  });
}

async function inFlight<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown> | undefined,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
