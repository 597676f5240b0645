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
 * Finishes merges and purges stores.
 *
 * @throws {PortInUse}
 */
export async function startControl(config: Config, clock: Clock = systemClock): Promise<Control> {
  const events = await openEventStore(config.eventStore);
  const stores = config.readStores.map((url) => new LazyStore(url));
  const [first] = stores;
  if (!first) throw new Error('READ_STORES names no store.');
  const merges = new MergeFinisher({
    events,
    open: () => first.open(),
    rules: config.rules,
    clock,
    onError: (error) => say('merges', error),
  });
  const purges = stores.map((store) => ({
    name: store.name,
    sweeper: new PurgeSweeper({
      open: () => store.open(),
      window: config.offPeak,
      clock,
      onError: (error) => say(`purge of ${store.name}`, error),
    }),
  }));
  const status = (): ControlStatus => ({
    merges: merges.status(),
    purges: Object.fromEntries(purges.map(({ name, sweeper }) => [name, sweeper.status()])),
  });
  const metrics = controlMetrics(status);
  const operators = await serveOperators(config.host, config.controlPort, {
    ready: () => readiness(status()),
    metrics: () => metrics.metrics(),
  });

  const draining = new AbortController();
  const running = [merges, ...purges.map(({ sweeper }) => sweeper)].map((job) => job.run(draining.signal));
  const stop = async (): Promise<void> => {
    draining.abort();
    await Promise.all(running);
    await operators.close();
    await Promise.all(stores.map((store) => store.close()));
    await events.close();
  };
  return { url: operators.url, stop };
}

/** Ready when nothing is in trouble. A merge that cannot be finished is shown, and stops nothing. */
function readiness({ merges, purges }: ControlStatus): Readiness {
  const ready = [merges, ...Object.values(purges)].every(({ trouble }) => trouble === undefined);
  return { ready, checks: { merges, purges } };
}

function say(what: string, { message }: Error): void {
  process.stderr.write(`control: ${what}: ${message}\n`);
}
