import { noon } from '@cartage/cart/testing';
import { streamOf } from '@cartage/cart';
import { cartsCheckpoint } from './index.ts';
import { until } from './until.fixture.ts';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { ann, lending } from './setup.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

it(
  'is told once, shows in the status, and is over when the store is back',
  setup(async (s) => {
    await s.add(ann);
    s.store.down = true;
    const running = s.run();
    await until(() => s.projection.status().errors >= 3);
    expect(s.projection.status()).toMatchObject({ trouble: s.told[0], heartbeatAt: undefined });
    expect(s.told).toHaveLength(1);
    s.store.down = false;
    await s.caughtUp();
    s.end();
    await running;
    expect(s.projection.status()).toMatchObject({ heartbeatAt: noon });
    expect(s.projection.status()).not.toHaveProperty('trouble');
  }),
);

it(
  'does not hide how far the store is behind',
  setup(async (s) => {
    await s.add(ann, 2);
    let recordedAt = 0;
    for await (const recorded of s.events.read(streamOf(ann))) recordedAt ||= recorded.recordedAt;
    const puts = s.store.hold('put');
    const running = s.run();
    await puts.reached;
    await until(() => s.projection.status().head === 2n);
    s.now = recordedAt + 31_000;
    expect(s.projection.status()).toMatchObject({ position: undefined, lag: 3, lagMs: 31_000 });
    puts.release();
    await s.caughtUp();
    s.end();
    await running;
    expect(s.projection.status()).toMatchObject({ position: 2n, lag: 0, lagMs: 0 });
  }),
);

it(
  'does not hide how far a store that is out of reach falls behind',
  setup(async (s) => {
    await s.add(ann);
    const running = s.run();
    await s.caughtUp();
    s.store.down = true;
    await until(() => s.told.length > 0);
    await s.add(ann, 3);
    await until(() => s.projection.status().lag === 3);
    s.store.down = false;
    await s.caughtUp();
    s.end();
    await running;
    expect(s.projection.status()).toMatchObject({ position: 4n, lag: 0 });
  }),
);

it(
  'ends it when the log is shorter than the store has seen',
  setup(async (s) => {
    await s.add(ann);
    await s.real.saveCheckpoint(cartsCheckpoint, 7n);
    await expect(s.run()).rejects.toMatchObject({
      code: 'checkpoint_beyond_log',
      message: expect.stringMatching(/position 7, but the log ends at 1/),
    });
    expect(await s.checkpoint()).toBe(7n);
    expect(s.count('put')).toBe(0);
  }),
);

it(
  'comes from a log that was closed, too',
  setup(async (s) => {
    const running = s.run();
    await until(() => s.projection.status().heartbeatAt !== undefined);
    await s.events.close();
    await until(() => s.told.length > 0);
    s.end();
    await running;
    expect(s.projection.status().errors).toBeGreaterThan(0);
  }),
);
