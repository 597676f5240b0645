import type { ProjectionStatus } from '@cartage/projection';
import { readiness, type Reporting } from './readiness.ts';

const now = 1_000_000;

const healthy: ProjectionStatus = {
  position: 7n,
  head: 7n,
  lag: 0,
  lagMs: 0,
  heartbeatAt: now,
  written: 3,
  stale: 0,
  skipped: 0,
  gaps: 0,
  errors: 0,
  parked: [],
};

const store = (status: Partial<ProjectionStatus> | undefined, failure?: Error): Reporting => ({
  name: 'main',
  failure,
  status: () => status && { ...healthy, ...status },
});

it.each([
  ['a store that is current', store({}), true],
  ['a store 30 s behind that has just moved', store({ lagMs: 30_000, heartbeatAt: now - 10_000 }), true],
  ['a store that is further behind', store({ lagMs: 30_001 }), false],
  ['a store that gave no sign of life for over 10 s', store({ heartbeatAt: now - 10_001 }), false],
  ['a store that has not given any', store({ heartbeatAt: undefined }), false],
  ['a store that is not open yet', store(undefined), false],
  ['a store that was given up', store({}, new Error('gone')), false],
])('is asked about %s', (_, reporting, ready) => {
  expect(readiness([reporting], now).ready).toBe(ready);
});

it('is off when one of several stores is not ready, and says which and why', () => {
  const given = [store({}), { ...store({}, new Error('gone')), name: 'other' }];
  expect(readiness(given, now)).toMatchObject({
    ready: false,
    checks: { stores: { main: { ready: true, position: 7n }, other: { ready: false, trouble: 'gone' } } },
  });
});
