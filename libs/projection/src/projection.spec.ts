import { record } from './record.ts';
import { until } from './until.fixture.ts';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { ann, bob, lending, Setup } from './setup.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

it(
  'makes one write of many events of a cart, and looks up no cart whose first event it sees',
  setup(async (s) => {
    await s.add(ann, 50);
    await s.add(bob, 50);
    await s.project();
    expect([s.count('getMany'), s.count('put'), s.count('saveCheckpoint')]).toEqual([0, 1, 1]);
    expect(s.projection.status()).toMatchObject({
      events: 102,
      begun: 2,
      written: 2,
      stale: 0,
      lag: 0,
      lagMs: 0,
      gaps: 0,
      errors: 0,
    });
    expect(await s.stored(ann)).toBe(await s.folded(ann));
    expect(await s.stored(bob)).toBe(await s.folded(bob));
  }),
);

it(
  'looks up the carts it does not know at once',
  setup(async (s) => {
    await s.add(ann);
    await s.add(bob);
    await s.project();
    const second = new Setup(s.events, s.real);
    await second.add(ann);
    await second.add(bob);
    await second.project();
    expect([second.count('getMany'), second.count('put')]).toEqual([1, 1]);
    expect(second.projection.status()).toMatchObject({ begun: 0, written: 2, gaps: 0 });
    expect(await s.stored(ann)).toBe(await s.folded(ann));
  }),
);

it(
  'looks up no view that it holds',
  setup(async (s) => {
    await s.add(ann);
    await s.project(async () => {
      await s.add(ann);
      await s.caughtUp();
    });
    expect([s.count('getMany'), s.count('put')]).toEqual([0, 2]);
    expect(await s.stored(ann)).toBe(await s.folded(ann));
  }),
);

it(
  'goes on where it ended, and writes nothing twice',
  setup(async (s) => {
    await s.add(ann);
    await s.project();
    const second = new Setup(s.events, s.real);
    await second.add(bob);
    await second.project();
    expect(second.projection.status()).toMatchObject({ written: 1, stale: 0 });
  }),
);

it(
  'moves the checkpoint past events that are none of its business, once',
  setup(async (s) => {
    await s.add(ann);
    await s.events.append('operations', [{ id: ann, type: 'Note', data: {}, metadata: {} }], 'none');
    await record(s.events, 'somebody', -1, [{ type: 'Note', data: {} }]);
    await s.project();
    expect([s.count('put'), s.count('saveCheckpoint')]).toEqual([1, 1]);
    expect(s.projection.status()).toMatchObject({ position: 3n, written: 1, skipped: 1 });
  }),
);

it(
  'writes what it has read, and the checkpoint, before it ends',
  setup(async (s) => {
    await s.add(ann);
    const puts = s.store.hold('put');
    const running = s.run();
    await puts.reached;
    s.end();
    puts.release();
    await running;
    expect(await s.checkpoint()).toBe(await s.events.head());
    expect(await s.stored(ann)).toBe(await s.folded(ann));
  }),
);

it(
  'folds one window while another is written, and lets the log wait with the rest',
  setup(async (first) => {
    const users = Array.from({ length: 1600 }, (_, i) => `u~${i}~main`);
    await Promise.all(users.map((id) => first.add(id)));
    await first.project();
    const s = new Setup(first.events, first.real);
    await Promise.all(users.map((id) => s.add(id)));
    const puts = s.store.hold('put');
    const running = s.run();
    await until(() => s.count('getMany') === 2);
    await s.events.head();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([s.count('getMany'), s.count('put')]).toEqual([2, 1]);
    puts.release();
    await s.caughtUp();
    s.end();
    await running;
    expect(await s.stored('u~1599~main')).toBe(await s.folded('u~1599~main'));
    expect(s.projection.status().written).toBeGreaterThanOrEqual(1600);
    expect(s.count('put')).toBeGreaterThanOrEqual(4);
  }),
  60_000,
);
