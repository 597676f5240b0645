import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamOf } from '@cartage/cart';
import { execute } from '@cartage/projection/testing';
import { openEventStore, openReadStore, readConfig } from '@cartage/runtime';
import { startProjector } from './projector.ts';

const carts = Array.from({ length: 40 }, (_, number) => `u~${number}~main`);

it('keeps the carts of PROJECTOR_BUCKETS, and leaves the others to other projectors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-projector-'));
  const env = {
    EVENT_STORE: `embedded:${folder}/events`,
    READ_STORES: `embedded:${folder}/views`,
    PROJECTOR_PORT: '0',
  };
  const { eventStore, readStores } = readConfig(env);
  const events = await openEventStore(eventStore);
  for (const id of carts) await execute(events, id, { type: 'AddItem', sku: 'apple', quantity: 1 });
  const head = await events.head();
  const views = await openReadStore(readStores[0] ?? eventStore);

  for (const range of ['0-4999', '5000-9999']) {
    const projector = await startProjector(readConfig({ ...env, PROJECTOR_BUCKETS: range }));
    while ((await views.checkpoints()).get(`carts.${range}`) !== head) await sleep(5);
    await projector.stop();
    await projector.ended;
    const stored = (await views.getMany(carts)).flatMap((view) => (view ? [view.id] : []));
    const expected = carts.filter((id) => range === '5000-9999' || streamOf(id) < 'cart-5000');
    expect(stored).toEqual(expected);
  }

  await views.close();
  await events.close();
  await rm(folder, { recursive: true });
});
