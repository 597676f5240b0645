import type { ProjectionStatus } from '@cartage/projection';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Reporting } from './readiness.ts';

type Reading = readonly [name: string, help: string, read: (status: ProjectionStatus) => number | undefined];

const gauges: readonly Reading[] = [
  ['position', 'Checkpoint: position in the log.', ({ position }) => number(position)],
  ['log_head', 'Position of the end of the log.', ({ head }) => number(head)],
  ['lag_positions', 'Positions from the checkpoint to the end of the log.', ({ lag }) => lag],
  ['lag_seconds', 'Age of the oldest event not yet projected.', ({ lagMs }) => lagMs / 1000],
  ['heartbeat_timestamp_seconds', 'When it last moved or idled in good health.', heartbeat],
  ['pace_events_per_second', 'What reading is held back to; absent when by nothing.', ({ pace }) => pace],
  ['parked_carts', 'Carts that could not be projected.', ({ parked }) => parked.length],
];

const counters: readonly Reading[] = [
  ['events_total', 'Events whose views are written.', ({ events }) => events],
  ['carts_begun_total', 'Carts whose first event was among them.', ({ begun }) => begun],
  ['views_written_total', 'Views written.', ({ written }) => written],
  ['views_stale_total', 'Views that the store already had as new.', ({ stale }) => stale],
  ['events_skipped_total', 'Events of parked carts and of foreign streams.', ({ skipped }) => skipped],
  ['gaps_healed_total', 'Carts folded from their stream to heal a gap.', ({ gaps }) => gaps],
  ['errors_total', 'Errors of a store that were retried.', ({ errors }) => errors],
];

/** Read from the projections at each scrape, by store; and what the process itself is doing. */
export function projectionMetrics(stores: readonly Reporting[]): Registry {
  const register = new Registry();
  const common = { labelNames: ['store'], registers: [register] };
  collectDefaultMetrics({ register });
  new Gauge({
    ...common,
    name: 'cartage_projection_up',
    help: '1 while the store is kept current, 0 when it could not be opened or was given up.',
    collect() {
      for (const store of stores) this.set({ store: store.name }, !store.failure && store.status() ? 1 : 0);
    },
  });
  for (const [name, help, read] of gauges)
    new Gauge({
      ...common,
      name: `cartage_projection_${name}`,
      help,
      collect() {
        for (const [store, value] of readings(stores, read)) this.set({ store }, value);
      },
    });
  for (const [name, help, read] of counters)
    new Counter({
      ...common,
      name: `cartage_projection_${name}`,
      help,
      collect() {
        this.reset();
        for (const [store, value] of readings(stores, read)) this.inc({ store }, value);
      },
    });
  return register;
}

function readings(stores: readonly Reporting[], read: Reading[2]): (readonly [string, number])[] {
  return stores.flatMap((store) => {
    const status = store.status();
    const value = status && read(status);
    return value === undefined ? [] : [[store.name, value] as const];
  });
}

const number = (position: bigint | undefined): number | undefined =>
  position === undefined ? undefined : Number(position);

function heartbeat({ heartbeatAt }: ProjectionStatus): number | undefined {
  return heartbeatAt === undefined ? undefined : heartbeatAt / 1000;
}
