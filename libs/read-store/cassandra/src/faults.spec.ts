import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy, findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeAtLength } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, using, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { parseAddress } from './address.ts';
import { CassandraReadStore } from './index.ts';
import { persistently, provisioned } from './testing/own-keyspace.ts';
import { OverloadedNode } from './testing/overload.ts';

import.meta.jest.setTimeout(120_000);

const unavailable = { code: 'unavailable' };
const view = viewAfter('u~42~main', [add('shirt')]);
const historiesOf = (carts: number, adds: number) =>
  Array.from({ length: carts }, (_, cart) =>
    versionsOf(
      `u~${cart}~main`,
      Array.from({ length: adds }, () => add('shirt')),
    ),
  );

describeAtLength(await findEngine('cassandra'), 'cassandra', 'a node that fails', () => {
  let launched: LaunchedEngine;
  let url = '';
  let port = 0;
  beforeAll(async () => {
    launched = await launchEngine('cassandra');
    ({ url } = launched.engine);
    ({ port } = parseAddress(url));
  });
  afterAll(() => launched.stop());

  const behind = (proxyPort: number): string => url.replace(`:${port}`, `:${proxyPort}`);

  it('is not needed to open a store, which finds it once it is there', async () => {
    await launched.kill();
    await using(CassandraReadStore.open(url), async (store) => {
      const attempts = [
        store.get(view.id),
        store.put([view], 'fenced'),
        store.provision(),
        store.list('u~42'),
      ];
      for (const attempt of attempts) await expect(attempt).rejects.toMatchObject(unavailable);
      await expect(store.checkpoints()).rejects.toThrow(/127\.0\.0\.1:\d+\/cartage cannot be reached/);
      await launched.start();
      await persistently(() => store.provision());
      await store.put([view], 'fenced');
      expect(await store.get(view.id)).toStrictEqual(view);
    });
  });

  it('loses nothing it acknowledged when it is killed in the middle of writers', async () => {
    const histories = historiesOf(40, 30);
    await using(provisioned(url), async (store) => {
      const acknowledged = new Map<string, number>();
      const writers = histories.map(async (history) => {
        for (const version of history) {
          await persistently(() => store.put([version], 'fenced'));
          acknowledged.set(version.id, version.revision);
        }
      });
      for (let kills = 0; kills < 2; kills += 1) {
        while ([...acknowledged.values()].reduce((sum, revision) => sum + revision, 0) < 300 * (kills + 1))
          await sleep(5);
        const before = new Map(acknowledged);
        await launched.kill();
        await launched.start();
        const stored = await persistently(() => store.getMany([...before.keys()]));
        const lost = stored.filter((one) => (one?.revision ?? -1) < (before.get(one?.id ?? '') ?? Infinity));
        expect(lost).toEqual([]);
      }
      await Promise.all(writers);
      const ids = histories.map((history) => lastOf(history).id);
      expect(await store.getMany(ids)).toStrictEqual(histories.map(lastOf));
    });
  });

  it('does not let a checkpoint cover views that went with it, although it is back before anybody asks', async () => {
    await using(provisioned(url), async (store) => {
      await using(CassandraReadStore.open(url), async (reader) => {
        await store.put([view], 'fenced');
        await store.saveCheckpoint('carts', 1n);
        await reader.checkpoints();
        await launched.kill();
        await launched.start();
        for (const one of [store, reader]) await persistently(() => one.get(view.id));

        const lost = { ...unavailable, message: expect.stringContaining('lost a node') };
        await expect(store.saveCheckpoint('carts', 2n)).rejects.toMatchObject(lost);
        await store.put([view], 'fenced');
        await expect(store.saveCheckpoint('carts', 2n)).rejects.toMatchObject(lost);
        await expect(store.checkpoints()).rejects.toMatchObject(lost);
        await expect(store.saveCheckpoint('carts', 2n)).rejects.toMatchObject(lost);
        expect((await store.checkpoints()).get('carts')).not.toBe(2n);
        await store.saveCheckpoint('carts', 2n);
        expect((await store.checkpoints()).get('carts')).toBe(2n);

        // Who has put nothing has lost nothing.
        expect((await reader.checkpoints()).get('carts')).toBe(2n);
        await reader.saveCheckpoint('control.merges', 3n);
      });
    });
  });

  it('says that nothing is provisioned when it comes back empty, until it is', async () => {
    await using(provisioned(url), async (store) => {
      await store.put([view], 'fenced');
      await launched.kill();
      const home = join(launched.folder, 'node');
      for (const name of await readdir(home, { withFileTypes: true }))
        if (name.isDirectory()) await rm(join(home, name.name), { recursive: true });
      await launched.start();
      const unprovisioned = { ...unavailable, message: expect.stringContaining('is not provisioned') };
      while (!/is not provisioned/.test(String(await store.get(view.id).catch((error) => error))))
        await sleep(50);
      await expect(store.put([view], 'fenced')).rejects.toMatchObject(unprovisioned);
      await persistently(() => store.provision());
      expect(await store.get(view.id)).toBeUndefined();
      await store.put([view], 'fenced');
      expect(await store.get(view.id)).toStrictEqual(view);
    });
  });

  const withProxy = async (body: (proxy: FaultProxy, store: ReadStore) => Promise<void>): Promise<void> => {
    const proxy = await FaultProxy.open(`http://127.0.0.1:${port}`);
    try {
      await using(provisioned(behind(proxy.port)), (store) => body(proxy, store));
    } finally {
      await proxy.close();
    }
  };

  it('does all it is asked when it is slow', () =>
    withProxy(async (proxy, store) => {
      proxy.fault = { kind: 'delay', ms: 300 };
      const versions = historiesOf(100, 1).map(lastOf);
      expect(await store.put(versions, 'fenced')).toMatchObject({ written: 100 });
      expect(await store.getMany(versions.map(({ id }) => id))).toStrictEqual(versions);
      await store.saveCheckpoint('carts', 7n);
      expect((await store.checkpoints()).get('carts')).toBe(7n);
    }));

  it('keeps nobody waiting while it is silent, and is found again', () =>
    withProxy(async (proxy, store) => {
      let isSilent = true;
      proxy.fault = { kind: 'blackHole' };
      const over = sleep(10_000).then(() => (isSilent = false));
      const fresh = await CassandraReadStore.open(behind(proxy.port));
      const attempts = [
        store.get(view.id),
        store.put(historiesOf(600, 1).map(lastOf), 'fenced'),
        fresh.get(view.id),
      ];
      for (const attempt of attempts) await expect(attempt).rejects.toMatchObject(unavailable);
      await expect(store.list('u~42')).rejects.toMatchObject(unavailable);
      await expect(fresh.checkpoints()).rejects.toMatchObject(unavailable);
      expect(isSilent).toBe(true);
      proxy.fault = { kind: 'pass' };
      expect(await persistently(() => store.put([view], 'fenced'))).toMatchObject({ written: 1 });
      expect(await persistently(() => fresh.get(view.id))).toStrictEqual(view);
      await fresh.close();
      await over;
    }));

  it('is told again what it heard when its answer was lost, to the same effect', () =>
    withProxy(async (proxy, store) => {
      const histories = historiesOf(20, 10);
      await store.put(histories.map(lastOf), 'fenced');
      const again = histories.map((history) => ({
        ...lastOf(history),
        revision: 99,
        writeTime: lastOf(history).writeTime + 1,
      }));
      proxy.fault = { kind: 'swallow' };
      await expect(store.put(again, 'fenced')).rejects.toMatchObject(unavailable);
      proxy.fault = { kind: 'pass' };
      await persistently(() => store.put(again, 'fenced'));
      await store.put(histories.flat(), 'fenced');
      expect(await store.getMany(again.map(({ id }) => id))).toStrictEqual(again);
    }));

  it('is throttled, not broken, when it says that it is overloaded', async () => {
    const node = await OverloadedNode.before('127.0.0.1', port);
    try {
      await using(provisioned(behind(node.port)), async (store) => {
        node.refuse = 1_000;
        const throttled = {
          ...unavailable,
          throttled: true,
          message: expect.stringContaining('is overloaded'),
        };
        await expect(store.get(view.id)).rejects.toMatchObject(throttled);
        await expect(store.put([view], 'fenced')).rejects.toMatchObject(throttled);
        // A refusal that passes is not even noticed.
        node.refuse = 1;
        expect(await store.put([view], 'fenced')).toMatchObject({ written: 1 });
        expect(node.refuse).toBe(0);
      });
    } finally {
      node.close();
    }
  });
});
