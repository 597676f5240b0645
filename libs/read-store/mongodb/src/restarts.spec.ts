import { createServer } from 'node:net';
import { findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { CartView } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import { add, using, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { opened, provisioned } from './testing/own-database.ts';
import { pause, until } from './testing/until.ts';

import.meta.jest.setTimeout(120_000);

const view = viewAfter('u~42~main', [add('shirt')]);

describeOn(await findEngine('mongodb'), 'mongodb', () => {
  const launched = launchEngine('mongodb');
  afterAll(async () => (await launched).stop());

  const inStore =
    (generation: string, body: (store: ReadStore, engine: LaunchedEngine) => Promise<void>) => async () => {
      const engine = await launched;
      await using(provisioned(engine.engine.url, generation), (store) => body(store, engine));
    };

  it('needs no engine to be opened, says that nothing listens, and works once there is one', async () => {
    const engine = await launched;
    await engine.kill();
    await using(opened(engine.engine.url, { generation: 'late' }), async (store) => {
      const refusal = {
        code: 'unavailable',
        message: expect.stringMatching(
          /MongoDB at 127\.0\.0\.1:\d+\/cartage cannot be reached: nothing listens/,
        ),
      };
      const calls = [store.provision(), ...Array.from({ length: 20 }, () => store.get(view.id))];
      for (const call of await Promise.allSettled(calls))
        expect(call).toMatchObject({ status: 'rejected', reason: refusal });
      await engine.start();
      await until(() => store.provision());
      await store.put([view], 'fenced');
      expect(await store.get(view.id)).toStrictEqual(view);
    });
  });

  it(
    'loses nothing it acknowledged when the engine is killed in the midst of writers, and they go on when it is back',
    inStore('killed', async (store, engine) => {
      const carts = Array.from({ length: 8 }, (_, cart) =>
        versionsOf(
          `u~${cart}~main`,
          Array.from({ length: 60 }, (_, step) => add(`sku${step % 5}`)),
        ),
      );
      const acknowledged = new Map<string, number>();
      const write = async (history: readonly CartView[]): Promise<void> => {
        for (const version of history) {
          await until(() => store.put([version], 'fenced'));
          acknowledged.set(version.id, version.revision);
        }
      };
      const writers = Promise.all(carts.map(write));
      for (let kills = 0; kills < 2; kills += 1) {
        const before = total(acknowledged);
        while (total(acknowledged) < before + 40) await pause(5);
        await engine.kill();
        const known = new Map(acknowledged);
        await engine.start();
        const found = await until(() => store.getMany([...known.keys()]));
        const lost = [...known].filter(([, revision], index) => (found[index]?.revision ?? -1) < revision);
        expect(lost).toEqual([]);
      }
      await writers;
      expect(await store.getMany(carts.map((history) => history[0]?.id ?? ''))).toStrictEqual(
        carts.map((history) => history.at(-1)),
      );
    }),
  );

  it(
    'gives up on a frozen engine, and goes on when it thaws',
    inStore('frozen', async (store, engine) => {
      await store.put([view], 'fenced');
      engine.freeze();
      const calls = await Promise.allSettled([
        store.get(view.id),
        store.put([view], 'fenced'),
        store.checkpoints(),
      ]);
      engine.thaw();
      for (const call of calls)
        expect(call).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      expect(await until(() => store.get(view.id))).toStrictEqual(view);
    }),
  );

  it('says so when the engine comes back empty, and goes on once it is provisioned again', async () => {
    const first = await launchEngine('mongodb');
    const port = Number(new URL(first.engine.url).port);
    await using(provisioned(first.engine.url), async (store) => {
      await store.put([view], 'fenced');
      await first.stop();
      const second = await launchEngine('mongodb', { port });
      try {
        const unprovisioned = { code: 'unavailable', message: expect.stringContaining('is not provisioned') };
        await expect(until(() => store.put([view], 'fenced'))).rejects.toMatchObject(unprovisioned);
        await expect(store.get(view.id)).rejects.toMatchObject(unprovisioned);
        await store.provision();
        expect(await store.get(view.id)).toBeUndefined();
        expect(await store.put([view], 'fenced')).toMatchObject({ written: 1 });
      } finally {
        await second.stop();
      }
    });
  });

  it('is not taken in by a server of another kind', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await using(opened(`mongodb://127.0.0.1:${port}/cartage`), async (store) => {
      await expect(store.put([view], 'fenced')).rejects.toMatchObject({ code: 'unavailable' });
    });
    server.close();
  });

  it('says that TLS is not spoken where it is not', async () => {
    const { engine } = await launched;
    await using(opened(`${engine.url}?tls=true`), async (store) => {
      const refusal = { code: 'unavailable', message: expect.stringContaining('does not speak TLS') };
      await expect(store.get(view.id)).rejects.toMatchObject(refusal);
    });
  });
});

const total = (revisions: ReadonlyMap<string, number>): number =>
  [...revisions.values()].reduce((sum, revision) => sum + revision, 0);
