import type { EventStore } from '@cartage/event-store';
import {
  type Config,
  LazyStore,
  openEventStore,
  type Readiness,
  serveOperators,
  type Stop,
  storesInUse,
} from '@cartage/runtime';
import { checkpointAcross } from './checkpoint-across.ts';
import { type Clock, systemClock } from './clock.ts';
import { MergeFinisher } from './merge-finisher.ts';
import { controlMetrics, type ControlStatus } from './metrics.ts';
import { PurgeSweeper } from './purge-sweeper.ts';

export type Control = {
  /** Where health and metrics are answered. */
  readonly url: string;
  readonly stop: Stop;
};

/**
 * Finishes merges, and purges the stores that do not do so themselves.
 *
 * @throws {PortInUse}
 */
export async function startControl(config: Config, clock: Clock = systemClock): Promise<Control> {
  const events = await openEventStore(config.eventStore);
  const stores = (await storesInUse(events, config.readStores)).map((url) => new LazyStore(url));
  const merges = mergeFinisher(config, events, stores, clock);
  const sweepers = stores.map((store) => [store.name, purgeSweeper(config, store, clock)] as const);
  const status = (): ControlStatus => ({
    merges: merges.status(),
    purges: Object.fromEntries(sweepers.map(([name, sweeper]) => [name, sweeper.status()])),
  });
  const metrics = controlMetrics(status);
  const operators = await serveOperators(config.host, config.controlPort, {
    ready: () => readiness(status()),
    metrics: () => metrics.metrics(),
  });

  const draining = new AbortController();
  const jobs = [merges, ...sweepers.map(([, sweeper]) => sweeper)];
  const running = Promise.all(jobs.map((job) => job.run(draining.signal)));
  const stop = async (): Promise<void> => {
    draining.abort();
    await running;
    await operators.close();
    await Promise.all(stores.map((store) => store.close()));
    await events.close();
  };
  return { url: operators.url, stop };
}

function mergeFinisher(
  { rules }: Config,
  events: EventStore,
  stores: readonly LazyStore[],
  clock: Clock,
): MergeFinisher {
  const onError = (error: Error): void => say('merges', error);
  return new MergeFinisher({ events, checkpoints: checkpointAcross(stores), rules, clock, onError });
}

function purgeSweeper({ offPeak: window }: Config, store: LazyStore, clock: Clock): PurgeSweeper {
  const onError = (error: Error): void => say(`purge of ${store.name}`, error);
  return new PurgeSweeper({ open: () => store.open(), window, clock, onError });
}

/**
 * Not ready while merges are in trouble; a store that cannot be purged is only that. A merge that cannot be finished is shown, and
 * stops nothing.
 */
function readiness({ merges, purges }: ControlStatus): Readiness {
  const purged = Object.values(purges).every(({ trouble }) => trouble === undefined);
  const status = merges.trouble !== undefined ? 'unready' : purged ? 'ok' : 'degraded';
  return { status, checks: { merges, purges } };
}

function say(what: string, { message }: Error): void {
  process.stderr.write(`control: ${what}: ${message}\n`);
}
