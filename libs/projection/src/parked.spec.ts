import { offPeak } from '@cartage/cart';
import { noon } from '@cartage/cart/testing';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { release } from './index.ts';
import { record } from './record.ts';
import { ann, lending, type Setup } from './setup.fixture.ts';
import { until } from './until.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);
const entry = { id: ann, revision: 0, position: '0', reason: 'of another version', parkedAt: noon };
const strange = { type: 'CartTeleported', data: {} };

/** Something happens to the cart when it was restored and is still on the list. */
async function releaseWhile(s: Setup, happens: () => Promise<void>): Promise<boolean> {
  await s.add(ann);
  await s.real.park(entry);
  const { unpark } = s.store;
  s.store.unpark = async (id) => {
    await happens();
    await unpark(id);
  };
  return release(s.events, s.store, ann, offPeak);
}

it(
  'a released cart holds what was passed over until it was off the list',
  setup(async (s) => {
    expect(await releaseWhile(s, () => s.add(ann))).toBe(true);
    expect(await s.stored(ann)).toBe(await s.folded(ann));
    expect(await s.real.parked()).toEqual([]);
  }),
);

it(
  'a cart that cannot be folded any more when it is off the list is back on it',
  setup(async (s) => {
    const happens = async () => void (await record(s.events, ann, 1, [strange]));
    expect(await releaseWhile(s, happens)).toBe(false);
    expect(await s.real.parked()).toEqual([entry]);
  }),
);

it(
  'no checkpoint covers what was passed over before the list was looked at again',
  setup(async (s) => {
    const { put } = s.store;
    let isLimited = true;
    s.store.put = async (views, mode) =>
      isLimited && views.length > 0 ? { written: 0, stale: 0, oversized: [ann] } : put(views, mode);
    await s.add(ann);
    await s.project(async () => {
      await until(async () => (await s.real.parked()).length === 1);
      const looks = s.store.hold('parked');
      await s.add(ann);
      await looks.reached;
      expect(await s.checkpoint()).toBe(1n);
      isLimited = false;
      await s.real.unpark(ann);
      looks.release();
      await s.caughtUp();
      expect(await s.stored(ann)).toBe(await s.folded(ann));
    });
  }),
);
