import { findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, viewAfter } from '@cartage/read-store/testing';
import { DynamoDbReadStore } from './index.ts';
import { HttpProxy } from './testing/http-proxy.ts';
import { endpointOf } from './testing/server.ts';

import.meta.jest.setTimeout(20_000);

const carts = Array.from({ length: 120 }, (_, cart) => viewAfter(`u~${cart}~main`, [add('shirt')]));
const view = viewAfter('u~42~main', [add('shirt')]);
const ids = carts.map(({ id }) => id);

describeOn(await findEngine('dynamodb'), 'dynamodb', () => {
  let engine: LaunchedEngine;
  let proxy: HttpProxy;
  let store: ReadStore;
  const url = (): string => `dynamodb://local/budget?endpoint=${proxy.url}`;
  beforeAll(async () => {
    engine = await launchEngine('dynamodb');
    proxy = await HttpProxy.open(endpointOf(engine.engine.url));
    store = await DynamoDbReadStore.open(url());
    await store.provision();
    await store.put(carts, 'fresh');
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await engine.stop();
  });

  /** The operations that calls are on the wire. */
  async function sentBy(call: () => Promise<unknown>): Promise<readonly string[]> {
    proxy.sent = [];
    await call();
    return proxy.operations;
  }

  const times = (count: number, operation: string): readonly string[] => Array<string>(count).fill(operation);

  describe('what a store sends', () => {
    it('for a get is one consistent read', async () => {
      expect(await sentBy(() => store.get(view.id))).toEqual(['BatchGetItem']);
      const consistent = { RequestItems: { 'budget.carts_v1': { ConsistentRead: true } } };
      expect(proxy.sent[0]?.body).toMatchObject(consistent);
    });

    it('for the gets of one turn of the event loop, or for many ids, is one read for each hundred carts', async () => {
      const gets = () => Promise.all([...ids, ...ids].map((id) => store.get(id)));
      expect(await sentBy(gets)).toEqual(times(3, 'BatchGetItem'));
      expect(await sentBy(() => store.getMany([...ids, ...ids]))).toEqual(times(2, 'BatchGetItem'));
      expect(await sentBy(() => store.getMany([]))).toEqual([]);
    });

    it('for a list is one consistent query', async () => {
      expect(await sentBy(() => store.list('u~42'))).toEqual(['Query']);
      expect(proxy.sent[0]?.body).toMatchObject({ ConsistentRead: true });
    });

    it('for a fenced put is one put a cart, stale ones and several versions included, and no read', async () => {
      const twice = [...carts, ...carts];
      expect(await sentBy(() => store.put(twice, 'fenced'))).toEqual(times(120, 'PutItem'));
      expect(await sentBy(() => store.put([], 'fenced'))).toEqual([]);
    });

    it('for a fresh put is one request for each 25 carts', async () => {
      expect(await sentBy(() => store.put(carts, 'fresh'))).toEqual(times(5, 'BatchWriteItem'));
    });

    it('for a fresh put of large carts is one request for each 4 MB', async () => {
      const other = await DynamoDbReadStore.open(url(), { generation: 'large' });
      await other.provision();
      const large = viewAfter('u~42~main', [add('shirt', 1, { note: 'x'.repeat(390_000) })]);
      const some = Array.from({ length: 24 }, (_, cart) => ({ ...large, id: `u~42~${cart}` }));
      expect(await sentBy(() => other.put(some, 'fresh'))).toEqual(times(3, 'BatchWriteItem'));
      await other.close();
    });

    it('for bookkeeping is one request a call', async () => {
      const entry = { id: view.id, revision: 1, position: '1', reason: '', parkedAt: 1 };
      expect(await sentBy(() => store.saveCheckpoint('carts', 1n))).toEqual(['PutItem']);
      expect(await sentBy(() => store.checkpoints())).toEqual(['Query']);
      expect(await sentBy(() => store.park(entry))).toEqual(['PutItem']);
      expect(await sentBy(() => store.parked())).toEqual(['Query']);
      expect(await sentBy(() => store.unpark(view.id))).toEqual(['DeleteItem']);
    });

    it('for a scan is one request for each part of the table, and no write', async () => {
      const scan = async (): Promise<void> => {
        for await (const page of store.scan()) expect(page.length).toBeGreaterThan(0);
      };
      expect(await sentBy(scan)).toEqual(times(4, 'Scan'));
      expect(proxy.sent.filter(({ body }) => body['ConsistentRead'] !== true)).toEqual([]);
    });

    it('for provisioning what is there is no change', async () => {
      const sent = await sentBy(() => store.provision());
      expect(sent.filter((operation) => !operation.startsWith('Describe'))).toEqual([]);
    });

    it('carries nothing that only tells who asks', async () => {
      await sentBy(() => store.get(view.id));
      const named = proxy.sent.flatMap(({ headers }) => Object.keys(headers));
      expect(named).toContain('authorization');
      expect(named).not.toEqual(expect.arrayContaining([expect.stringMatching(/user-agent|trace-id/)]));
    });
  });
});
