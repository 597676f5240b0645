import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { MergesStatus } from './merge-finisher.ts';
import type { PurgeStatus } from './purge-sweeper.ts';

export type ControlStatus = {
  readonly merges: MergesStatus;
  /** By store. */
  readonly purges: Readonly<Record<string, PurgeStatus>>;
};

type Reading = readonly [name: string, help: string, read: (status: MergesStatus) => number];
type PurgeReading = readonly [name: string, help: string, read: (status: PurgeStatus) => number];

const gauges: readonly Reading[] = [
  ['position', 'Every seal up to this position is merged.', ({ position }) => Number(position ?? -1n)],
  ['unfinished', 'Sealed guest carts that cannot be merged.', ({ unfinished }) => unfinished.length],
];

const counters: readonly Reading[] = [
  ['seals_total', 'Seals looked at.', ({ seals }) => seals],
  ['finished_total', 'Merges finished, because the API did not.', ({ finished }) => finished],
  ['errors_total', 'Errors that were retried.', ({ errors }) => errors],
];

const purgeCounters: readonly PurgeReading[] = [
  ['views_total', 'Views purged.', ({ purged }) => purged],
  ['errors_total', 'Errors that were retried.', ({ errors }) => errors],
];

/** Read from the jobs at each scrape; and what the process itself is doing. */
export function controlMetrics(status: () => ControlStatus): Registry {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  for (const [name, help, read] of gauges)
    new Gauge({
      name: `cartage_merges_${name}`,
      help,
      registers,
      collect() {
        this.set(read(status().merges));
      },
    });
  for (const [name, help, read] of counters)
    new Counter({
      name: `cartage_merges_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(status().merges));
      },
    });
  for (const [name, help, read] of purgeCounters)
    new Counter({
      name: `cartage_purge_${name}`,
      help,
      labelNames: ['store'],
      registers,
      collect() {
        this.reset();
        for (const [store, purge] of Object.entries(status().purges)) this.inc({ store }, read(purge));
      },
    });
  return register;
}
