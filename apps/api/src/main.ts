import { openEventStore, openReadStore, readConfig, runProcess } from '@cartage/runtime';
import { collectDefaultMetrics } from 'prom-client';
import { createApp } from './app.ts';

await runProcess('api', async () => {
  const config = readConfig(process.env);
  const [first] = config.readStores;
  if (!first) throw new Error('READ_STORES names no store.');
  const events = await openEventStore(config.eventStore);
  const views = await openReadStore(first);
  const api = await createApp(config, { events, views });
  collectDefaultMetrics({ register: api.metrics.registry });
  process.stdout.write(`api: shoppers at ${api.url}, operators at ${api.operatorUrl}\n`);
  return async () => {
    await api.close();
    await views.close();
    await events.close();
  };
});
