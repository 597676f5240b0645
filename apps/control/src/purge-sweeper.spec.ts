import { type CartView, emptyView, type PurgeWindow } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import { withStores } from './folder.fixture.ts';
import { PurgeSweeper } from './purge-sweeper.ts';
import { TestClock, until } from './test-clock.fixture.ts';

const hour = 3_600_000;
const midnight = Date.UTC(2026, 0, 1);
const offPeak: PurgeWindow = { start: 2 * hour, length: 3 * hour };

const view = (n: number, purgeAt: number): CartView => ({
  ...emptyView(`u~${n}~main`),
  revision: 0,
  writeTime: 1,
  purgeAt,
});

/** A sweeper at work, and when it called the store. */
class Work {
  readonly calls: number[] = [];
  readonly sweeper: PurgeSweeper;
  readonly #ending = new AbortController();
  readonly running: Promise<void>;

  constructor(store: ReadStore, clock: TestClock, window = offPeak, nativeTtl = false) {
    const purge = (before: number, limit: number): Promise<number> => {
      this.calls.push(clock.now());
      return store.purge(before, limit);
    };
    const open = () => Promise.resolve({ nativeTtl, purge });
    this.sweeper = new PurgeSweeper({ open, window, clock, onError: () => {} });
    this.running = this.sweeper.run(this.#ending.signal);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.running;
  }
}

/** Moves the clock on, stopping at every pause. */
async function pass(clock: TestClock, ms: number): Promise<void> {
  for (let left = ms; left > 0;) {
    await clock.paused();
    const step = Math.min(left, ...clock.pauses);
    clock.advance(step);
    left -= step;
  }
  await clock.paused();
}

it('removes what is due inside the off-peak window, and touches nothing outside it', () =>
  withStores(async (_, store) => {
    const clock = new TestClock(midnight);
    await store.put([view(1, midnight - hour), view(2, midnight + 30 * 24 * hour)], 'fenced');
    const work = new Work(store, clock);

    await pass(clock, 2 * hour - 1);
    expect(work.calls).toEqual([]);
    await pass(clock, hour);
    expect(work.sweeper.status()).toMatchObject({ purged: 1, errors: 0 });
    expect(await store.getMany(['u~1~main', 'u~2~main'])).toMatchObject([undefined, { id: 'u~2~main' }]);

    await pass(clock, 46 * hour);
    await work.end();
    const times = work.calls.map((at) => (at - midnight) % (24 * hour));
    expect(times.every((time) => time >= 2 * hour && time < 5 * hour)).toBe(true);
    expect(new Set(work.calls.map((at) => Math.floor(at / (24 * hour)))).size).toBe(2);
  }));

it('removes many in batches with pauses between them', () =>
  withStores(async (_, store) => {
    const clock = new TestClock(midnight + 3 * hour);
    await store.put(
      Array.from({ length: 2_500 }, (__, n) => view(n, midnight)),
      'fenced',
    );
    const work = new Work(store, clock);
    await pass(clock, 10_000);
    await work.end();
    const [first = 0, second = 0, third = 0, ...more] = work.calls;
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThan(0);
    expect(third - second).toBeGreaterThan(0);
    expect(work.sweeper.status()).toMatchObject({ purged: 2_500, completedAt: third });
  }));

it('removes what becomes due in the course of the window', () =>
  withStores(async (_, store) => {
    const clock = new TestClock(midnight + 2 * hour);
    await store.put([view(1, midnight + 3 * hour)], 'fenced');
    const work = new Work(store, clock);
    await pass(clock, hour - 1);
    expect(work.sweeper.status().purged).toBe(0);
    await pass(clock, hour);
    await work.end();
    expect(work.sweeper.status().purged).toBe(1);
  }));

it('knows a window that reaches past midnight', () =>
  withStores(async (_, store) => {
    const clock = new TestClock(midnight - 3 * hour);
    const work = new Work(store, clock, { start: 23 * hour, length: 2 * hour });
    await pass(clock, 6 * hour);
    await work.end();
    expect(Math.min(...work.calls)).toBeGreaterThanOrEqual(midnight - hour);
    expect(Math.min(...work.calls)).toBeLessThan(midnight);
    expect(Math.max(...work.calls)).toBeGreaterThanOrEqual(midnight);
    expect(Math.max(...work.calls)).toBeLessThan(midnight + hour);
  }));

it('leaves a store alone that removes views by itself', () =>
  withStores(async (_, store) => {
    const work = new Work(store, new TestClock(midnight + 3 * hour), offPeak, true);
    await work.running;
    expect(work.calls).toEqual([]);
  }));

it('tries again when the store fails', () =>
  withStores(async (_, store) => {
    await store.put([view(1, midnight)], 'fenced');
    const told: string[] = [];
    let attempts = 0;
    const purge = (before: number, limit: number): Promise<number> => {
      attempts += 1;
      return attempts < 3 ? Promise.reject(new Error('out of reach')) : store.purge(before, limit);
    };
    const sweeper = new PurgeSweeper({
      open: () => Promise.resolve({ nativeTtl: false, purge }),
      window: offPeak,
      clock: new TestClock(midnight + 3 * hour),
      onError: ({ message }) => told.push(message),
    });
    const ending = new AbortController();
    const running = sweeper.run(ending.signal);
    await until(() => sweeper.status().purged === 1);
    ending.abort();
    await running;
    expect(sweeper.status()).toMatchObject({ errors: 2 });
    expect(sweeper.status()).not.toHaveProperty('trouble');
    expect(told).toEqual(['out of reach']);
  }));
