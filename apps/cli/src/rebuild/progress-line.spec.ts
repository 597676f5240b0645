import type { ProjectionStatus } from '@cartage/projection';
import { stepBetween, textOf } from './progress-line.ts';

const status: ProjectionStatus = {
  position: 0n,
  head: 0n,
  lag: 0,
  lagMs: 0,
  heartbeatAt: undefined,
  events: 0,
  begun: 0,
  written: 0,
  stale: 0,
  skipped: 0,
  expired: 0,
  gaps: 0,
  errors: 0,
  parked: [],
};

const before = { at: 1_000, status: { ...status, events: 10_000, begun: 1_000, lag: 90_000 } };
const after = (changes: Partial<ProjectionStatus>) => ({
  at: 3_000,
  status: { ...status, events: 40_000, begun: 4_000, written: 5_000, expired: 7, lag: 60_000, ...changes },
});

test('tells the rates since the step before, and the seconds left', () => {
  const step = stepBetween(before, after({}), 3 * 1_048_576);
  expect(step).toMatchObject({ eventsPerSecond: 15_000, cartsPerSecond: 1_500, eta: 4, megabytes: 3 });
  expect(textOf(step)).toBe(
    '40000 events (15000/s, 1500 carts/s), 5000 written, 7 expired, 0 parked, 60000 positions left, 4 s',
  );
});

test('does not guess when it does not come closer, and says what is in the way', () => {
  const step = stepBetween(before, after({ lag: 90_001, pace: 12_500.4, trouble: 'out of reach' }), 0);
  expect(step.eta).toBeNull();
  expect(textOf(step)).toMatch(/90001 positions left, at most 12500 events\/s, trouble: out of reach$/);
});

test('says when it has caught up', () => {
  expect(textOf(stepBetween(before, after({ lag: 0 }), 0))).toMatch(/caught up$/);
});
