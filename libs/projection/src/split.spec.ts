import { offPeak } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import type { BucketRange, ReadStore } from '@cartage/read-store';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { allBuckets, coveredTo } from './checkpoint.ts';
import { Projection } from './projection.ts';
import { lending, type Setup } from './setup.fixture.ts';
import { until } from './until.fixture.ts';
import { verify } from './verify.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);
const users = Array.from({ length: 120 }, (_, number) => `u~${number}~main`);

/** So many ranges of about the same size. */
const split = (parts: number): BucketRange[] =>
  Array.from({ length: parts }, (_, part) => ({
    from: Math.floor((part * 10_000) / parts),
    to: Math.floor(((part + 1) * 10_000) / parts) - 1,
  }));

/** Keeps the store by one projection a range while `work` goes on; then they end, some earlier than others. */
async function keeping(s: Setup, ranges: readonly BucketRange[], work: () => Promise<void>): Promise<void> {
  const { events, real: store } = s;
  const running = ranges.map((buckets) => {
    const ending = new AbortController();
    const projection = new Projection({ events, store, purgeWindow: offPeak, buckets });
    return { ending, ended: projection.run(ending.signal) };
  });
  try {
    await work();
  } finally {
    for (const { ending, ended } of running) {
      ending.abort();
      await ended;
    }
  }
}

const reached = async (store: ReadStore): Promise<bigint> =>
  coveredTo(await store.checkpoints(), allBuckets) ?? -1n;

it(
  'is split anew, again and again, while carts are written, and ends with every view as the log has it',
  setup(async (s) => {
    s.now = Date.now();
    let next = 0;
    const shop = async (commands: number): Promise<void> => {
      for (let i = 0; i < commands; i += 1) await s.add(users[next++ % users.length] ?? '');
    };
    for (const parts of [4, 2, 8, 1, 3]) {
      const before = await reached(s.real);
      await keeping(s, split(parts), async () => {
        await shop(100);
        await until(async () => (await reached(s.real)) > before);
        await shop(50);
      });
      await shop(20);
    }
    const head = await s.events.head();
    await keeping(s, split(2), () => until(async () => (await reached(s.real)) >= head));
    const { events, real: store } = s;
    const verified = await verify({ events, store, purgeWindow: offPeak, asOf: Date.now() });
    expect(verified).toEqual({ views: users.length, differing: 0, differences: [] });
  }),
  60_000,
);

it(
  'begins at the lowest checkpoint that covers a new range',
  setup(async (s) => {
    for (const id of users) await s.add(id);
    const [low, high] = split(2) as [BucketRange, BucketRange];
    const head = await s.events.head();
    await s.real.saveCheckpoint(`carts.${low.from}-${low.to}`, head);
    await s.real.saveCheckpoint(`carts.${high.from}-${high.to}`, 9n);
    const middle = { from: 2500, to: 7499 };
    await keeping(s, [middle], () =>
      until(async () => (await s.real.checkpoints()).get('carts.2500-7499') === head),
    );
    const stored = (await s.real.getMany(users)).flatMap((view) => (view ? [view.id] : []));
    const { views } = await verify({
      events: s.events,
      store: s.real,
      purgeWindow: offPeak,
      asOf: Date.now(),
      buckets: middle,
    });
    expect(stored).toHaveLength(views);
    expect(views).toBeGreaterThan(20);
  }),
);
