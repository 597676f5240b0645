import { type CartView, offPeak } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { allBuckets } from './checkpoint.ts';
import { FaultyStore } from './faulty-store.fixture.ts';
import { rebuild } from './rebuild.ts';
import { isMark, marked, RunMark } from './run-mark.ts';
import { ann, bob, lending, type Setup } from './setup.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);
const never = new AbortController().signal;
const takenOver = { code: 'taken_over' };

/** The store as a run may use it, and what the run was told to repair. */
async function run(s: Setup, buckets = allBuckets) {
  const repaired: string[] = [];
  const repair = async (views: readonly CartView[]): Promise<void> => {
    repaired.push(...views.map(({ id }) => id));
  };
  const mark = await RunMark.set(s.store, buckets);
  return { store: marked(s.store, mark, repair), repaired };
}

it(
  'writes nothing once another run has begun',
  setup(async (s) => {
    await s.add(ann);
    const view = await s.view(ann);
    const first = await run(s);
    await run(s);
    await expect(first.store.put([view], 'fresh')).rejects.toMatchObject(takenOver);
    await expect(first.store.saveCheckpoint('carts.0-9999', 0n)).rejects.toMatchObject(takenOver);
    expect(await s.real.get(ann)).toBeUndefined();
    expect(first.repaired).toEqual([]);
  }),
);

it(
  'writes nothing, too, when the other began between its mark and its look at the marks',
  setup(async (s) => {
    const looks = s.store.hold('checkpoints');
    const beginning = RunMark.set(s.store, allBuckets);
    await looks.reached;
    await RunMark.set(s.real, allBuckets);
    looks.release();
    await expect((await beginning).check()).rejects.toMatchObject(takenOver);
  }),
);

it(
  'repairs what it wrote without a fence while the other began',
  setup(async (s) => {
    await s.add(ann);
    const view = await s.view(ann);
    const first = await run(s);
    const puts = s.store.hold('put');
    const writing = first.store.put([view], 'fresh');
    await puts.reached;
    await run(s);
    puts.release();
    await expect(writing).rejects.toMatchObject(takenOver);
    expect(first.repaired).toEqual([ann]);
  }),
);

it(
  'repairs what it may have written, too, when it could not look afterwards',
  setup(async (s) => {
    await s.add(ann);
    const view = await s.view(ann);
    const first = await run(s);
    s.store.plan('put', 'replyLost');
    await expect(first.store.put([view], 'fresh')).rejects.toMatchObject({ code: 'unavailable' });
    await run(s);
    await expect(first.store.put([], 'fresh')).rejects.toMatchObject(takenOver);
    expect(first.repaired).toEqual([ann]);
  }),
);

it(
  'minds runs on carts that it has in common with them only',
  setup(async (s) => {
    await s.add(ann);
    const view = await s.view(ann);
    const first = await run(s, { from: 0, to: 4999 });
    await run(s, { from: 5000, to: 9999 });
    await first.store.put([view], 'fresh');
    await run(s, { from: 4999, to: 4999 });
    await expect(first.store.put([view], 'fresh')).rejects.toMatchObject(takenOver);
    expect([...(await s.real.checkpoints()).keys()].every(isMark)).toBe(true);
  }),
);

it(
  'lets a second rebuild finish what a frozen first one began, and ends the first when it wakes up',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann, 2);
    await s.add(bob);
    const options = { events: s.events, inUse: false, purgeWindow: offPeak };
    const frozen = new FaultyStore(s.real);
    const puts = frozen.hold('put');
    const first = (await rebuild({ ...options, store: frozen })).run(never);
    first.catch(() => undefined);
    await puts.reached;
    await s.add(ann);
    await (await rebuild({ ...options, store: s.real, once: true })).run(never);
    puts.release();
    await expect(first).rejects.toMatchObject(takenOver);
    expect(await s.stored(ann)).toBe(await s.folded(ann));
    expect(await s.stored(bob)).toBe(await s.folded(bob));
  }),
);
