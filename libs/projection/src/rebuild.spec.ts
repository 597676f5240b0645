import { type CartView, offPeak, streamOf } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import type { PutMode, ReadStore } from '@cartage/read-store';
import { cartsCheckpoint, checkpointOf } from './checkpoint.ts';
import { rebuild } from './rebuild.ts';
import { check, day, once } from './rebuilding.fixture.ts';
import { ann, bob, lending } from './setup.fixture.ts';
import { execute } from './testing.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

/** The store, and in which mode each put was made. */
function noting(real: ReadStore): { readonly store: ReadStore; readonly modes: PutMode[] } {
  const modes: PutMode[] = [];
  const put = async (views: readonly CartView[], mode: PutMode) => {
    modes.push(mode);
    return await real.put(views, mode);
  };
  const store = new Proxy(real, {
    get: (target, name) => {
      const member: unknown = name === 'put' ? put : Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { store, modes };
}

it(
  'fills a generation with what the log holds, once',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann, 3);
    await s.add(bob);
    expect(await once(s)).toMatchObject({ events: 6, begun: 2, written: 2, stale: 0 });
    expect(await s.stored(ann)).toBe(await s.folded(ann));
    expect(await check(s)).toEqual({ views: 2, differing: 0, differences: [] });
    expect(await once(s)).toMatchObject({ events: 0, begun: 0, written: 0, stale: 0 });
  }),
);

it(
  'goes on with what was written since, fenced from then on',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann);
    const { store, modes } = noting(s.real);
    await once(s, { store });
    await s.add(ann);
    await once(s, { store });
    expect(modes).toEqual(['fresh', 'fenced']);
    expect(await s.stored(ann)).toBe(await s.folded(ann));
  }),
);

it(
  'fences from the first on what is in use, or was written by a projection',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann);
    const inUse = noting(s.real);
    await once(s, { store: inUse.store, inUse: true });
    await s.real.drop();
    await s.real.saveCheckpoint(checkpointOf({ from: 0, to: 99 }), -1n);
    const kept = noting(s.real);
    await once(s, { store: kept.store });
    expect([inUse.modes, kept.modes]).toEqual([['fenced'], ['fenced']]);
  }),
);

it(
  'leaves out carts that may be purged, unless the store has a row of them',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    await s.add(ann);
    await s.add(bob);
    s.now = Date.now();
    await s.add('u~carl~main');
    await execute(s.events, bob, { type: 'AddItem', sku: 'apple', quantity: 1 }, Date.now() - 399 * day);
    await s.real.put([{ ...(await s.view(bob)), revision: 0 }], 'fresh');
    expect(await once(s)).toMatchObject({ begun: 3, written: 2, expired: 1 });
    expect(await s.real.get(ann)).toBeUndefined();
    expect(await s.stored(bob)).toBe(await s.folded(bob));
    expect(await check(s)).toMatchObject({ views: 2, differing: 0 });
  }),
);

it(
  'brings a cart back that was left out, when it is opened anew',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    await s.add(ann);
    await once(s);
    s.now = Date.now();
    await s.add(ann);
    expect(await once(s)).toMatchObject({ written: 1, gaps: 1 });
    expect(await s.stored(ann)).toBe(await s.folded(ann));
  }),
);

it(
  'keeps to its buckets',
  setup(async (s) => {
    s.now = Date.now();
    const users = Array.from({ length: 40 }, (_, number) => `u~${number}~main`);
    for (const id of users) await s.add(id);
    const low = { from: 0, to: 4999 };
    const status = await once(s, { buckets: low });
    const seeded = users.filter((id) => Number(streamOf(id).slice(5, 9)) <= low.to);
    expect(seeded.length).toBeGreaterThan(10);
    expect(status.written).toBe(seeded.length);
    const stored = await s.real.getMany(users);
    expect(stored.flatMap((view) => (view ? [view.id] : [])).sort()).toEqual([...seeded].sort());
    expect([...(await s.real.checkpoints()).keys()]).not.toContain(cartsCheckpoint);
    await once(s, { buckets: { from: 5000, to: 9999 } });
    expect(await check(s)).toEqual({ views: 40, differing: 0, differences: [] });
    expect(await once(s)).toMatchObject({ events: 0 });
  }),
);

it(
  'refuses a log that is shorter than the generation has seen',
  setup(async (s) => {
    await s.add(ann);
    await s.real.saveCheckpoint(checkpointOf({ from: 7, to: 9 }), 70n);
    await expect(once(s)).rejects.toMatchObject({ code: 'checkpoint_beyond_log' });
  }),
);

it(
  'goes on by itself when the store fails in the middle, and tells of it',
  setup(async (s) => {
    s.now = Date.now();
    for (const id of [ann, bob]) await s.add(id, 2);
    const told: string[] = [];
    const projection = await rebuild({
      events: s.events,
      store: s.store,
      inUse: false,
      purgeWindow: offPeak,
      once: true,
      onError: ({ message }) => told.push(message),
    });
    s.store.plan('put', 'replyLost');
    s.store.plan('saveCheckpoint', 'refused');
    await projection.run(new AbortController().signal);
    expect(told.length).toBeGreaterThan(0);
    expect(projection.status()).toMatchObject({ position: await s.events.head(), errors: 2 });
    expect(await check(s)).toEqual({ views: 2, differing: 0, differences: [] });
  }),
);
