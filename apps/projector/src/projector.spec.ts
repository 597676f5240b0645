import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decide, emptyCart, streamOf } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { type Config, openEventStore, openReadStore, readConfig } from '@cartage/runtime';
import { type Projector, startProjector } from './projector.ts';

const ann = 'u~ann~main';

/** Lends a log that holds one cart. The names of stores are folders: `events` is the log's. */
async function withLog(
  readStores: string,
  work: (config: Config, events: EventStore) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-projector-'));
  const config = readConfig({
    EVENT_STORE: `embedded:${folder}/events`,
    READ_STORES: readStores.replaceAll('embedded:', `embedded:${folder}/`),
    PROJECTOR_PORT: '0',
  });
  const events = await openEventStore(config.eventStore);
  try {
    const context = { now: Date.now(), revision: -1 };
    const added = decide(emptyCart('customer'), { type: 'AddItem', sku: 'apple', quantity: 2 }, context);
    const drafts = added.map((event) => ({ id: crypto.randomUUID(), ...event, metadata: { schema: 1 } }));
    await events.append(streamOf(ann), drafts, 'none');
    await work(config, events);
  } finally {
    await events.close();
    await rm(folder, { recursive: true });
  }
}

/** Runs a projector for a while. */
async function projecting(config: Config, use: (projector: Projector) => Promise<void>): Promise<void> {
  const projector = await startProjector(config);
  try {
    await use(projector);
  } finally {
    await projector.stop();
    await projector.ended;
  }
}

async function until<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  for (let found = await look(); ; found = await look()) {
    if (isThere(found)) return found;
    await sleep(5);
  }
}

const health = (url: string) => fetch(`${url}/health/ready`);
const metrics = (url: string) => fetch(`${url}/metrics`).then((answer) => answer.text());

it('keeps every store current, and says how far each has come', () =>
  withLog('one=embedded:one,two=embedded:two', async (config) => {
    await projecting(config, async (projector) => {
      const text = await until(
        () => metrics(projector.url),
        (found) =>
          ['one', 'two'].every((name) => found.includes(`cartage_projection_position{store="${name}"} 1`)),
      );
      expect(text).toContain('cartage_projection_up{store="one"} 1');
      expect(text).toContain('cartage_projection_views_written_total{store="two"} 1');
      expect(text).toContain('cartage_projection_parked_carts{store="one"} 0');
      expect(text).toContain('cartage_projection_lag_seconds{store="one"} 0');

      const ready = await until(
        () => health(projector.url),
        ({ status }) => status === 200,
      );
      expect(await ready.json()).toMatchObject({
        stores: { one: { ready: true, position: '1', written: 1 } },
      });
    });

    for (const url of config.readStores) {
      const store = await openReadStore(url);
      expect(await store.get(ann)).toMatchObject({ revision: 1, itemCount: 2 });
      await store.close();
    }
  }));

it('keeps the other stores when one cannot be kept, and is degraded', () =>
  withLog('good=embedded:good,bad=embedded:events', async (config) => {
    await projecting(config, async (projector) => {
      await until(
        () => metrics(projector.url),
        (text) => text.includes('cartage_projection_position{store="good"} 1'),
      );
      const ready = await until(
        () => health(projector.url),
        ({ status }) => status === 200,
      );
      expect(await ready.json()).toMatchObject({
        status: 'degraded',
        stores: { good: { position: '1' }, bad: { ready: false, trouble: expect.stringMatching(/events/) } },
      });
      expect(await metrics(projector.url)).toContain('cartage_projection_up{store="bad"} 0');
    });
  }));

it('keeps the other stores while one is out of reach, for which it goes on trying', () =>
  withLog('away=mongodb://127.0.0.1:1/cartage,good=embedded:good', async (config) => {
    await projecting(config, async (projector) => {
      const text = await until(
        async () => (await health(projector.url)).text(),
        (found) => found.includes('127.0.0.1:1') && found.includes('"position":"1"'),
      );
      expect(JSON.parse(text)).toMatchObject({
        status: 'degraded',
        stores: {
          away: { ready: false, trouble: expect.stringContaining('127.0.0.1:1') },
          good: { ready: true, position: '1', written: 1 },
        },
      });
      expect(await metrics(projector.url)).toContain('cartage_projection_up{store="away"} 0');
    });
  }));

it('ends, and says why, when it can keep no store', () =>
  withLog('bad=embedded:events', async (config) => {
    const projector = await startProjector(config);
    await expect(projector.ended).rejects.toMatchObject({ code: 'corrupted' });
    await projector.stop();
  }));

it('ends, and says why, when its only store is ahead of the log', () =>
  withLog('one=embedded:one', async (config) => {
    const [url] = config.readStores;
    const store = url && (await openReadStore(url));
    await store?.saveCheckpoint('carts.0-9999', 100n);
    await store?.close();
    const projector = await startProjector(config);
    await expect(projector.ended).rejects.toMatchObject({ code: 'checkpoint_beyond_log' });
    await projector.stop();
  }));
