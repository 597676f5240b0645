import type { EventStore } from '@cartage/event-store';
import { type Config, openEventStore, type Readiness, serveOperators, type Stop } from '@cartage/runtime';
import { type Clock, systemClock } from './clock.ts';
import { LazyStore } from './lazy-store.ts';
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
  const stores = config.readStores.map((url) => new LazyStore(url));
  const merges = mergeFinisher(config, events, stores[0], clock);
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

/** The first store keeps its checkpoint. */
function mergeFinisher(
  { rules }: Config,
  events: EventStore,
  store: LazyStore | undefined,
  clock: Clock,
): MergeFinisher {
  if (!store) throw new RangeError('There is no read store that could keep the checkpoint.');
  const onError = (error: Error): void => say('merges', error);
  return new MergeFinisher({ events, open: () => store.open(), rules, clock, onError });
}

function purgeSweeper({ offPeak: window }: Config, store: LazyStore, clock: Clock): PurgeSweeper {
  const onError = (error: Error): void => say(`purge of ${store.name}`, error);
  return new PurgeSweeper({ open: () => store.open(), window, clock, onError });
}

/** Ready when nothing is in trouble. A merge that cannot be finished is shown, and stops nothing. */
function readiness({ merges, purges }: ControlStatus): Readiness {
  const ready = [merges, ...Object.values(purges)].every(({ trouble }) => trouble === undefined);
  return { ready, checks: { merges, purges } };
}

function say(what: string, { message }: Error): void {
  process.stderr.write(`control: ${what}: ${message}\n`);
}
