import { type CartView, offPeak, streamOf } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import type { PutMode, ReadStore } from '@cartage/read-store';
import { cartsCheckpoint, checkpointOf } from './checkpoint.ts';
import { rebuild } from './rebuild.ts';
import { check, once, replacing } from './rebuilding.fixture.ts';
import { ann, bob, lending } from './setup.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

/** The store, and in which mode each put was made. */
function noting(real: ReadStore): { readonly store: ReadStore; readonly modes: PutMode[] } {
  const modes: PutMode[] = [];
  const put = async (views: readonly CartView[], mode: PutMode) => {
    modes.push(mode);
    return await real.put(views, mode);
  };
  return { store: replacing(real, 'put', put), modes };
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
  'puts off writing from the first event on',
  setup(async (s) => {
    s.now = Date.now();
    await Promise.all(Array.from({ length: 1_100 }, (_, number) => s.add(`u~${number}~main`)));
    const { store, modes } = noting(s.real);
    expect(await once(s, { store })).toMatchObject({ events: 2_200, written: 1_100 });
    expect(modes).toEqual(['fresh']);
  }),
);

it(
  'gives a store less at once that has failed',
  setup(async (s) => {
    s.now = Date.now();
    await Promise.all(Array.from({ length: 1_100 }, (_, number) => s.add(`u~${number}~main`)));
    s.store.plan('put', 'refused');
    const { store, modes } = noting(s.store);
    expect(await once(s, { store })).toMatchObject({ errors: 1 });
    expect(modes.length).toBeGreaterThan(3);
    expect(await check(s)).toMatchObject({ views: 1_100, differing: 0 });
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
