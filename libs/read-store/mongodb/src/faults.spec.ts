import { inspect } from 'node:util';
import { findEngine, FaultProxy } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import {
  add,
  inBatches,
  lastOf,
  seeded,
  shuffled,
  using,
  versionsOf,
  viewAfter,
  watching,
} from '@cartage/read-store/testing';
import { opened, OwnDatabase, provisioned } from './testing/own-database.ts';
import { until } from './testing/until.ts';

import.meta.jest.setTimeout(120_000);

const view = viewAfter('u~42~main', [add('shirt')]);
const entry = { id: view.id, revision: 0, position: '7', reason: 'r', parkedAt: 1 };
const unavailable = { code: 'unavailable' };

/** One of every call that needs the engine, at once. */
const everyCall = (store: ReadStore): readonly Promise<unknown>[] => [
  store.get(view.id),
  store.getMany([view.id, 'u~43~main']),
  store.list('u~42'),
  store.put([view], 'fenced'),
  store.scan()[Symbol.asyncIterator]().next(),
  store.checkpoints(),
  store.saveCheckpoint('carts', 1n),
  store.parked(),
  store.park(entry),
  store.unpark(view.id),
  store.provision(),
  store.drop(),
];

describeOn(await findEngine('mongodb'), 'mongodb', (engine) => {
  const database = new OwnDatabase(engine.url);

  /** The body gets a provisioned store behind a proxy that can be told to misbehave. */
  const throughProxy = (body: (store: ReadStore, proxy: FaultProxy) => Promise<void>) => async () => {
    const proxy = await FaultProxy.open(database.host);
    try {
      await using(provisioned(database.urlThrough(proxy.port)), async (store) => {
        await body(store, proxy);
        proxy.fault = { kind: 'pass' };
      });
    } finally {
      await proxy.close();
      await using(opened(database.url), (store) => store.drop());
    }
  };

  it(
    'takes its time where the way is long, and nothing else changes',
    throughProxy(async (store, proxy) => {
      proxy.fault = { kind: 'delay', ms: 100 };
      expect(await store.put([view], 'fenced')).toEqual({ written: 1, stale: 0, oversized: [] });
      expect(await store.get(view.id)).toStrictEqual(view);
    }),
  );

  it(
    'gives up every call while nothing answers, and goes on by itself when something does',
    throughProxy(async (store, proxy) => {
      await store.put([view], 'fenced');
      proxy.fault = { kind: 'blackHole' };
      for (const call of await Promise.allSettled(everyCall(store)))
        expect(call).toMatchObject({ status: 'rejected', reason: unavailable });
      proxy.fault = { kind: 'pass' };
      await until(() => store.put([view], 'fenced'));
      expect(await store.get(view.id)).toStrictEqual(view);
    }),
  );

  it(
    'leaves the outcome open when an answer is lost, and a repeated put ends right',
    throughProxy(async (store, proxy) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      await store.put(versions.slice(0, 1), 'fenced');
      proxy.fault = { kind: 'swallow' };
      await expect(store.put(versions, 'fenced')).rejects.toMatchObject(unavailable);
      await expect(store.saveCheckpoint('carts', 9n)).rejects.toMatchObject(unavailable);
      proxy.fault = { kind: 'pass' };
      await until(() => store.put(versions, 'fenced'));
      await until(() => store.saveCheckpoint('carts', 9n));
      expect(await store.get('u~42~main')).toStrictEqual(lastOf(versions));
      expect(await store.checkpoints()).toEqual(new Map([['carts', 9n]]));
    }),
  );

  it(
    'repeats what a single lost connection broke off, and nobody notices',
    throughProxy(async (store, proxy) => {
      await store.put([view], 'fenced');
      for (const connection of proxy.connections) connection.reset();
      expect(await store.get(view.id)).toStrictEqual(view);
      for (const connection of proxy.connections) connection.reset();
      expect(await store.put([view], 'fenced')).toMatchObject({ stale: 1 });
    }),
  );

  it('never lets a cart go backwards: 200 versions of each of 50 carts, shuffled, twice, by two stores', async () => {
    const random = seeded(50);
    const histories = Array.from({ length: 50 }, (_, cart) =>
      versionsOf(
        `u~${cart}~main`,
        Array.from({ length: 199 }, (_, step) => add(`sku${step % 7}`)),
      ),
    );
    const versions = histories.flat();
    const ids = histories.map((history) => lastOf(history).id);
    await using(provisioned(database.url), (one) =>
      using(opened(database.url), async (other) => {
        const watch = watching(one, ids);
        const queue = inBatches(shuffled(random, [...versions, ...versions]), 250).values();
        const writer = async (store: ReadStore): Promise<void> => {
          for (const batch of queue) await store.put(batch, 'fenced');
        };
        await Promise.all([writer(one), writer(other), writer(one), writer(other)]);
        expect(await watch.stop()).toEqual([]);
        expect(await one.getMany(ids)).toStrictEqual(histories.map(lastOf));
        await one.drop();
      }),
    );
  });

  it('shows nobody its credentials when they are refused', async () => {
    const url = database.url.replace('//', '//ann:sesame@');
    await using(opened(url), async (store) => {
      const refused = await store.get(view.id).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        ...unavailable,
        message: expect.stringMatching(/refuses these credentials/),
      });
      expect(inspect(refused, { depth: 20, showHidden: true })).not.toContain('sesame');
      expect(inspect(store, { depth: 20, showHidden: true })).not.toContain('sesame');
    });
  });
});
