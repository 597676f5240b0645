import { defaultRules, streamOf } from '@cartage/cart';
import { type EventStore, Unavailable } from '@cartage/event-store';
import { foldCart, record } from '@cartage/projection';
import { execute } from '@cartage/projection/testing';
import { withStores } from './folder.fixture.ts';
import { type CheckpointStore, MergeFinisher, mergesCheckpoint } from './merge-finisher.ts';
import { ann, bob, eventsOf, guest, merge, seal } from './shop.fixture.ts';
import { TestClock, until } from './test-clock.fixture.ts';

/** A finisher at work. */
class Work {
  readonly told: string[] = [];
  readonly finisher: MergeFinisher;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(events: EventStore, store: CheckpointStore, clock: TestClock) {
    this.finisher = new MergeFinisher({
      events,
      checkpoints: store,
      rules: defaultRules,
      clock,
      onError: ({ message }) => this.told.push(message),
    });
    this.#running = this.finisher.run(this.#ending.signal);
  }

  /** Until it has dealt with so many seals. */
  seals(count: number): Promise<void> {
    return until(() => this.finisher.status().seals === count);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }
}

/** What a process leaves behind that is killed before it can save a checkpoint. */
const forgetful = (store: CheckpointStore): CheckpointStore => ({
  checkpoints: () => store.checkpoints(),
  saveCheckpoint: () => Promise.reject(new Unavailable('killed')),
});

const long = 3_600_000;
const merged = ['CartOpened', 'GuestCartMerged'];

it('takes the missing second step of a merge, two seconds after the seal', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now());
    await execute(events, ann, { type: 'AddItem', sku: 'apple', quantity: 1 });
    await seal(events);
    const work = new Work(events, store, clock);
    await clock.paused(2_000);
    expect(await eventsOf(events, ann)).toEqual(['CartOpened', 'ItemAdded']);

    clock.advance(2_000);
    await work.seals(1);
    await work.end();

    expect(await foldCart(events, ann)).toMatchObject({
      lines: [{ sku: 'apple', quantity: 2 }],
      merges: ['m0'],
      updatedAt: clock.now(),
    });
    expect(work.finisher.status()).toMatchObject({ seals: 1, finished: 1, unfinished: [], errors: 0 });
    expect((await store.checkpoints()).get(mergesCheckpoint)).toBeGreaterThanOrEqual(4n);
  }));

it('keeps to the policy that the login asked for', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now() + long);
    await execute(events, ann, { type: 'AddItem', sku: 'apple', quantity: 1 });
    await seal(events, 0, ann, 'sum');
    const work = new Work(events, store, clock);
    await work.seals(1);
    await work.end();
    expect(await foldCart(events, ann)).toMatchObject({ lines: [{ sku: 'apple', quantity: 3 }] });
  }));

it('appends nothing when the second step is taken in the meantime', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now());
    await seal(events);
    const work = new Work(events, store, clock);
    await clock.paused();
    await merge(events);
    clock.advance(2_000);
    await work.seals(1);
    await work.end();
    expect(await eventsOf(events, ann)).toEqual(merged);
    expect(work.finisher.status()).toMatchObject({ finished: 0 });
  }));

it('appends nothing for merges of long ago, which the cart has forgotten since', () =>
  withStores(async (events, store) => {
    for (let n = 0; n < 20; n += 1) {
      await seal(events, n);
      await merge(events, n);
    }
    await execute(events, ann, { type: 'CheckOut', orderId: 'o1' });
    const before = await eventsOf(events, ann);
    const work = new Work(events, store, new TestClock(Date.now() + long));
    await work.seals(20);
    await work.end();
    expect(await eventsOf(events, ann)).toEqual(before);
    expect(work.finisher.status()).toMatchObject({ finished: 0 });
  }));

it('never lets its checkpoint pass a seal that is not merged', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now());
    await execute(events, bob, { type: 'AddItem', sku: 'pear', quantity: 1 });
    await seal(events);
    const first = new Work(events, store, clock);
    await clock.paused();
    await first.end();
    expect(await eventsOf(events, ann)).toEqual([]);
    expect((await store.checkpoints()).get(mergesCheckpoint)).toBe(3n);

    const second = new Work(events, store, new TestClock(Date.now() + long));
    await second.seals(1);
    await second.end();
    expect(await eventsOf(events, ann)).toEqual(merged);
  }));

it('takes the step once, though it is killed before it can save how far it has come', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now() + long);
    await seal(events);
    const killed = new Work(events, forgetful(store), clock);
    await killed.seals(1);
    await killed.end();
    expect(await eventsOf(events, ann)).toEqual(merged);
    expect((await store.checkpoints()).get(mergesCheckpoint)).toBeUndefined();

    const next = new Work(events, store, clock);
    await next.seals(1);
    await next.end();
    expect(await eventsOf(events, ann)).toEqual(merged);
    expect(next.finisher.status()).toMatchObject({ finished: 0 });
  }));

it('takes the step once, though several do so at the same time', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now() + long);
    for (let n = 0; n < 10; n += 1) await seal(events, n);
    const works = [1, 2, 3].map(() => new Work(events, store, clock));
    await Promise.all(works.map((work) => work.seals(10)));
    await Promise.all(works.map((work) => work.end()));
    expect(await eventsOf(events, ann)).toEqual(['CartOpened', ...Array<string>(10).fill('GuestCartMerged')]);
    expect(works.reduce((sum, { finisher }) => sum + finisher.status().finished, 0)).toBe(10);
  }));

it('reports merges that cannot be finished, finishes the others, and tries again at the next start', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now() + long);
    await record(events, ann, -1, [{ type: 'CartTeleported', data: {} }]);
    await seal(events, 0, ann);
    await seal(events, 1, bob);
    await seal(events, 2, guest(9));
    await seal(events, 3, 'nobody');
    const work = new Work(events, store, clock);
    await work.seals(4);
    await work.end();

    expect(await eventsOf(events, bob)).toEqual(merged);
    const reasons = [/CartTeleported/, /customer/, /not a cart id/];
    expect(work.finisher.status()).toMatchObject({
      finished: 1,
      unfinished: [0, 2, 3].map((n, i) => ({
        guestCartId: guest(n),
        reason: expect.stringMatching(reasons[i] ?? ''),
      })),
    });
    expect(work.told).toHaveLength(3);
    expect((await store.checkpoints()).get(mergesCheckpoint)).toBe(2n);

    const next = new Work(events, store, clock);
    await next.seals(4);
    await next.end();
    expect(next.finisher.status()).toMatchObject({ finished: 0, unfinished: [{}, {}, {}] });
  }));

it('goes on with merges while the store of its checkpoint is out of reach', () =>
  withStores(async (events, store) => {
    const clock = new TestClock(Date.now() + long);
    const work = new Work(events, forgetful(store), clock);
    await seal(events, 0);
    await work.seals(1);
    await seal(events, 1, bob);
    await work.seals(2);
    await work.end();
    expect(await eventsOf(events, bob)).toEqual(merged);
    expect(work.finisher.status()).toMatchObject({ finished: 2, trouble: 'killed' });
    expect(work.told).toEqual(['killed']);
  }));

it('records the merge as an event of this version, caused by the seal', () =>
  withStores(async (events, store) => {
    await seal(events);
    let sealId = '';
    for await (const { id, type } of events.read(streamOf(guest()))) if (type === 'CartSealed') sealId = id;
    const work = new Work(events, store, new TestClock(Date.now() + long));
    await work.seals(1);
    await work.end();
    const metadata: unknown[] = [];
    for await (const recorded of events.read(streamOf(ann))) metadata.push(recorded.metadata);
    expect(metadata).toEqual([1, 2].map(() => ({ schema: 1, $causationId: sealId })));
  }));
