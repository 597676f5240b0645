import { offPeak } from '@cartage/cart';
import { Unavailable } from '@cartage/event-store';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import type { ReadStore } from '@cartage/read-store';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { cartsCheckpoint } from './checkpoint.ts';
import { rebuild } from './rebuild.ts';
import { check, day, once, replacing } from './rebuilding.fixture.ts';
import { ann, bob, lending } from './setup.fixture.ts';
import { execute } from './testing.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

/** The store, which refuses to save this checkpoint once. */
function refusing(real: ReadStore, name: string): ReadStore {
  let hasRefused = false;
  return replacing(real, 'saveCheckpoint', async (saved, position) => {
    if (saved !== name || hasRefused) return await real.saveCheckpoint(saved, position);
    hasRefused = true;
    throw new Unavailable('The store is out of reach.');
  });
}

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
  'asks a store that began empty for no cart, until something fails',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    for (const id of [ann, bob]) await s.add(id);
    expect(await once(s, { store: s.store })).toMatchObject({ expired: 2, written: 0 });
    expect(s.count('getMany')).toBe(0);
    await s.real.drop();
    s.now = Date.now();
    await s.add(bob);
    s.store.plan('put', 'replyLost');
    expect(await once(s, { store: s.store })).toMatchObject({ expired: 1, written: 0, stale: 1 });
    expect(s.count('getMany')).toBe(1);
    expect(await s.real.get(ann)).toBeUndefined();
    expect(await check(s)).toEqual({ views: 1, differing: 0, differences: [] });
  }),
);

it(
  'asks for carts where another run began before',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    await s.add(ann);
    const { events, real: store } = s;
    await rebuild({ events, store, inUse: false, purgeWindow: offPeak });
    expect(await once(s, { store: s.store })).toMatchObject({ expired: 1 });
    expect(s.count('getMany')).toBe(1);
  }),
);

it(
  'leaves out what an earlier run left out that did not live to save how far it had come',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    await s.add(ann);
    s.now = Date.now();
    await s.add(bob);
    await once(s);
    await s.real.saveCheckpoint(cartsCheckpoint, -1n);
    expect(await once(s)).toMatchObject({ expired: 1, written: 0, stale: 1 });
    expect(await s.real.get(ann)).toBeUndefined();
  }),
);

it(
  'leaves out what it left out before, when the store fails at the end of the log',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    await s.add(ann);
    const projection = await rebuild({
      events: s.events,
      store: refusing(s.real, cartsCheckpoint),
      inUse: false,
      purgeWindow: offPeak,
      once: true,
    });
    await projection.run(new AbortController().signal);
    expect(projection.status()).toMatchObject({ errors: 1, expired: 1, written: 0 });
    expect(await s.real.get(ann)).toBeUndefined();
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
