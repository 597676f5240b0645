import { setTimeout as sleep } from 'node:timers/promises';
import type { CartView } from '@cartage/cart';
import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { inStore, OwnKeyspace, provisioned } from './testing/own-keyspace.ts';

import.meta.jest.setTimeout(30_000);

const hour = 3_600; // s
const { purgeAt: _, ...endless } = viewAfter('u~42~main', [add('shirt')]);
const dueIn = (seconds: number, id = endless.id): CartView => ({
  ...endless,
  id,
  purgeAt: Date.now() + seconds * 1000,
});

describeOn(await findEngine('cassandra'), 'cassandra', (engine) => {
  const keyspace = new OwnKeyspace(engine.url, 'ttl');
  const url = keyspace.urlWith();
  afterAll(() => keyspace.remove());

  /** s that Cassandra will keep the view; null: for ever. */
  async function ttlOf(id: string, table = 'carts_v1'): Promise<number | null> {
    const [owner, name] = [id.slice(0, id.lastIndexOf('~')), id.slice(id.lastIndexOf('~') + 1)];
    const cql = `SELECT TTL(cart) AS ttl FROM KS.${table} WHERE owner = ? AND name = ?`;
    return (await keyspace.execute(cql, [owner, name]))[0]?.['ttl'];
  }

  it('is what is left until the purge time, when it is written and when it is written again later', () =>
    inStore(url, async (store) => {
      const view = dueIn(10 * hour);
      await store.put([view], 'fenced');
      const first = (await ttlOf(view.id)) ?? 0;
      expect(Math.abs(first - 10 * hour)).toBeLessThan(60);
      await sleep(2_100);
      const rebuilt = await provisioned(url, { generation: 'carts_v2' });
      await rebuilt.put([view], 'fresh');
      await store.put([view], 'fenced');
      const [again, anew] = [await ttlOf(view.id), await ttlOf(view.id, 'carts_v2')];
      expect(again).toBeLessThanOrEqual(first - 1);
      expect(Math.abs(Number(anew) - Number(again))).toBeLessThanOrEqual(1);
      await rebuilt.close();
    }));

  it('is none for a view that has no purge time, one later than Cassandra can tell, or a store with ttl=off', () =>
    inStore(url, async (store) => {
      const far = dueIn(21 * 365 * 24 * hour, 'u~far~main');
      await store.put([endless, far], 'fenced');
      expect([await ttlOf(endless.id), await ttlOf(far.id)]).toEqual([null, null]);
      const off = await provisioned(keyspace.urlWith('ttl=off'));
      const view = { ...dueIn(hour), writeTime: endless.writeTime + 1, revision: endless.revision + 1 };
      await off.put([view], 'fenced');
      expect([off.nativeTtl, await ttlOf(view.id), await off.get(view.id)]).toEqual([false, null, view]);
      await off.close();
    }));

  it('makes the row vanish by itself', () =>
    inStore(url, async (store) => {
      const soon = dueIn(3, 'u~soon~main');
      await store.put([soon, dueIn(hour)], 'fenced');
      expect(await store.get(soon.id)).toStrictEqual(soon);
      while (await store.get(soon.id)) await sleep(100);
      expect(await keyspace.execute('SELECT owner FROM KS.carts_v1')).toEqual([
        expect.objectContaining({ owner: 'u~42' }),
      ]);
    }));

  it('is over before a view is written: then it stays away, and so do older ones; a newer one does not', () =>
    inStore(url, async (store) => {
      const [older, due, newer] = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      if (!older || !due || !newer) throw new Error('There are not enough versions.');
      await store.put([older], 'fenced');
      expect(await store.put([{ ...due, purgeAt: Date.now() }], 'fenced')).toMatchObject({ written: 1 });
      expect(await store.get(due.id)).toBeUndefined();
      await store.put([older], 'fenced');
      expect(await store.get(due.id)).toBeUndefined();
      await store.put([newer], 'fenced');
      expect(await store.get(due.id)).toStrictEqual(newer);
    }));

  it.each([-hour, hour])('is all that a writer’s clock which is %d s off has a part in', (off) =>
    inStore(url, async (store) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      const [older, newer] = [lastOf(versions.slice(0, -1)), lastOf(versions)];
      await atClock(off, () => store.put([newer], 'fenced'));
      await store.put([older], 'fenced');
      expect(await store.get(newer.id)).toStrictEqual(newer);
      const next = viewAfter('u~42~main', [add('shirt'), add('cap'), add('socks')]);
      await store.put([newer], 'fenced');
      await atClock(off, () => store.put([next, older], 'fenced'));
      expect(await store.get(newer.id)).toStrictEqual(next);
    }),
  );

  it('is no matter to a sweep that finds a view which was written anew meanwhile', () =>
    inStore(keyspace.urlWith('ttl=off'), async (store) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      const [older, newer] = [lastOf(versions.slice(0, -1)), lastOf(versions)];
      await store.put([{ ...older, purgeAt: 1 }], 'fenced');
      await Promise.all([sweepAll(store), store.put([newer], 'fenced')]);
      await store.put([older], 'fenced');
      expect(await store.get(newer.id)).toStrictEqual(newer);
    }));
});

async function sweepAll(store: ReadStore): Promise<void> {
  while ((await store.purge(Date.now(), 1)) > 0);
}

/** Does some work while this process's clock is so many s off. */
async function atClock(off: number, work: () => Promise<unknown>): Promise<void> {
  const now = Date.now.bind(Date);
  const clock = import.meta.jest.spyOn(Date, 'now').mockImplementation(() => now() + off * 1000);
  try {
    await work();
  } finally {
    clock.mockRestore();
  }
}
