import type { ProjectionStatus } from '@cartage/projection';
import { readiness, type Reporting } from './readiness.ts';

const now = 1_000_000;

const healthy: ProjectionStatus = {
  position: 7n,
  head: 7n,
  lag: 0,
  lagMs: 0,
  heartbeatAt: now,
  events: 3,
  begun: 1,
  written: 3,
  stale: 0,
  skipped: 0,
  expired: 0,
  gaps: 0,
  errors: 0,
  parked: [],
};

const store = (status: Partial<ProjectionStatus> | undefined, failure?: Error): Reporting => ({
  name: 'main',
  failure,
  trouble: undefined,
  status: () => status && { ...healthy, ...status },
});

it.each([
  ['a store that is current', store({}), 'ok'],
  ['a store 30 s behind that has just moved', store({ lagMs: 30_000, heartbeatAt: now - 10_000 }), 'ok'],
  ['a store that is further behind', store({ lagMs: 30_001 }), 'unready'],
  ['a store that gave no sign of life for over 10 s', store({ heartbeatAt: now - 10_001 }), 'unready'],
  ['a store that has not given any', store({ heartbeatAt: undefined }), 'unready'],
  ['a store that is not open yet', store(undefined), 'unready'],
  ['a store that was given up', store({}, new Error('gone')), 'unready'],
])('is asked about %s', (_, reporting, status) => {
  expect(readiness([reporting], now).status).toBe(status);
});

it('is degraded while one of several stores is not well, and says which and why', () => {
  const given = [
    store({}),
    { ...store({}, new Error('gone')), name: 'other' },
    { ...store(undefined), name: 'third', trouble: 'refused' },
  ];
  expect(readiness(given, now)).toMatchObject({
    status: 'degraded',
    checks: {
      stores: {
        main: { ready: true, position: 7n },
        other: { ready: false, trouble: 'gone' },
        third: { ready: false, trouble: 'refused' },
      },
    },
  });
});
