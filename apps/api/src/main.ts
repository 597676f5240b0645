import { LazyStore, openEventStore, readConfig, runProcess, storesInUse } from '@cartage/runtime';
import { collectDefaultMetrics } from 'prom-client';
import { createApp } from './app.ts';

await runProcess('api', async () => {
  const config = readConfig(process.env);
  const events = await openEventStore(config.eventStore);
  const views = (await storesInUse(events, config.readStores)).map((store) => new LazyStore(store));
  // Loads the driver before the first reader comes. Reads try again what fails here, and the log answers them meanwhile.
  await views[0]?.open().catch((error: Error) => process.stderr.write(`api: read store: ${error.message}\n`));
  const api = await createApp(config, { events, views });
  collectDefaultMetrics({ register: api.metrics.registry });
  process.stdout.write(`api: shoppers at ${api.url}, operators at ${api.operatorUrl}\n`);
  return async () => {
    await api.close();
    await Promise.all(views.map((store) => store.close()));
    await events.close();
  };
});
