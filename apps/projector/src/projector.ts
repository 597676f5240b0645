import { type Config, openEventStore, serveOperators, type Stop, storesInUse } from '@cartage/runtime';
import { KeptStore } from './kept-store.ts';
import { projectionMetrics } from './metrics.ts';
import { readiness } from './readiness.ts';

export type Projector = {
  /** Where health and metrics are answered. */
  readonly url: string;
  /** Resolves once it is drained; rejects when no store can be kept any more. */
  readonly ended: Promise<void>;
  readonly stop: Stop;
};

/**
 * Keeps every read store as current as the log, each at its own pace.
 *
 * @throws {PortInUse}
 */
export async function startProjector(config: Config): Promise<Projector> {
  const events = await openEventStore(config.eventStore);
  const urls = await storesInUse(events, config.readStores);
  const stores = urls.map((url) => new KeptStore(url, events, config));
  const metrics = projectionMetrics(stores);
  const operators = await serveOperators(config.host, config.projectorPort, {
    ready: () => readiness(stores, Date.now()),
    metrics: () => metrics.metrics(),
  });

  const draining = new AbortController();
  const ended = Promise.all(stores.map((store) => store.keep(draining.signal))).then(() => {
    if (stores.every(({ failure }) => failure)) throw stores[0]?.failure;
  });
  const stop = async (): Promise<void> => {
    draining.abort();
    await ended.catch(() => undefined);
    await operators.close();
    await events.close();
  };
  return { url: operators.url, ended, stop };
}
