import { FaultProxy, findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { DynamoDbReadStore } from './index.ts';
import { endpointOf, everyCall, view } from './testing/server.ts';

import.meta.jest.setTimeout(20_000);

const unavailable = { code: 'unavailable', throttled: false };

describeOn(await findEngine('dynamodb'), 'dynamodb', () => {
  let engine: LaunchedEngine;
  beforeAll(async () => {
    engine = await launchEngine('dynamodb');
    const store = await DynamoDbReadStore.open(engine.engine.url);
    await store.provision();
    await store.close();
  });
  afterAll(() => engine.stop());

  const throughProxy = async (
    body: (store: ReadStore, proxy: FaultProxy, direct: ReadStore) => Promise<void>,
  ): Promise<void> => {
    const { url } = engine.engine;
    const endpoint = endpointOf(url);
    const proxy = await FaultProxy.open(endpoint);
    const direct = await DynamoDbReadStore.open(url);
    const store = await DynamoDbReadStore.open(url.replace(endpoint, proxy.url));
    try {
      await body(store, proxy, direct);
    } finally {
      await proxy.close();
      await store.close();
      await direct.close();
    }
  };

  describe('a network', () => {
    it('that is slow changes nothing', () =>
      throughProxy(async (store, proxy) => {
        proxy.fault = { kind: 'delay', ms: 150 };
        const carts = Array.from({ length: 100 }, (_, cart) => ({ ...view, id: `u~${cart}~main` }));
        expect(await store.put(carts, 'fenced')).toMatchObject({ written: 100 });
        const gets = await Promise.all(carts.map(({ id }) => store.get(id)));
        expect(gets).toStrictEqual(carts);
      }));

    it('that swallows every byte makes calls fail while it does, not only after, and recovers', () =>
      throughProxy(async (store, proxy) => {
        await store.put([view], 'fenced');
        proxy.fault = { kind: 'blackHole' };
        const all = everyCall.map((call) => expect(call(store)).rejects.toMatchObject(unavailable));
        await Promise.all(all);
        expect(proxy.fault).toEqual({ kind: 'blackHole' });
        proxy.fault = { kind: 'pass' };
        expect(await store.get(view.id)).toStrictEqual(view);
      }));

    it('that loses the answer to a put does not keep a repeated one from being right', () =>
      throughProxy(async (store, proxy, direct) => {
        const older = { ...view, id: 'u~43~main' };
        const newer = { ...older, revision: older.revision + 1 };
        proxy.fault = { kind: 'swallow' };
        await expect(store.put([older], 'fenced')).rejects.toMatchObject(unavailable);
        expect(await direct.get(older.id)).toStrictEqual(older);
        proxy.fault = { kind: 'pass' };
        expect(await store.put([older], 'fenced')).toEqual({ written: 0, stale: 1, oversized: [] });
        await store.put([newer], 'fenced');
        expect(await store.get(newer.id)).toStrictEqual(newer);
      }));

    it('that cuts an idle connection is not noticed', () =>
      throughProxy(async (store, proxy) => {
        await store.put([view], 'fenced');
        for (const connection of proxy.connections) connection.reset();
        expect(await store.get(view.id)).toStrictEqual(view);
      }));
  });
});
