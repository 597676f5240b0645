import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { DynamoDbReadStore } from './index.ts';
import { everyCall, view } from './testing/server.ts';

import.meta.jest.setTimeout(30_000);

const unavailable = { code: 'unavailable', throttled: false };
const saying = (what: RegExp) => ({ ...unavailable, message: expect.stringMatching(what) });

describeOn(await findEngine('dynamodb'), 'dynamodb', () => {
  /** A store on an engine of its own. */
  const onEngine = async (
    body: (store: ReadStore, engine: LaunchedEngine) => Promise<void>,
  ): Promise<void> => {
    const engine = await launchEngine('dynamodb');
    const store = await DynamoDbReadStore.open(engine.engine.url);
    try {
      await body(store, engine);
    } finally {
      await store.close();
      await engine.stop();
    }
  };

  describe('a server that is not there', () => {
    it('does not hinder opening, is unavailable for every call, and is found when it comes', () =>
      onEngine(async (_, engine) => {
        await engine.kill();
        const store = await DynamoDbReadStore.open(engine.engine.url);
        const refusal = saying(/127\.0\.0\.1:\d+ cannot be reached: nothing listens/);
        for (const call of [...everyCall, (one: ReadStore) => one.provision()])
          await expect(call(store)).rejects.toMatchObject(refusal);
        await engine.start();
        await store.provision();
        for (const call of everyCall) await call(store);
        expect(await store.get(view.id)).toStrictEqual(view);
        await store.close();
      }));

    it('is told from one that is no DynamoDB', async () => {
      const other = createServer((_, response) => response.end('<html>It works!</html>'));
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as AddressInfo;
      const at = (scheme: string) =>
        DynamoDbReadStore.open(`dynamodb://local/carts?endpoint=${scheme}://127.0.0.1:${port}`);
      const [plain, tls] = await Promise.all([at('http'), at('https')]);
      await expect(plain.get(view.id)).rejects.toMatchObject(saying(/does not answer as DynamoDB does/));
      await expect(tls.get(view.id)).rejects.toMatchObject(saying(/does not speak TLS/));
      await Promise.all([plain.close(), tls.close()]);
      other.closeAllConnections();
      other.close();
    });
  });

  describe('a server that dies', () => {
    it('again and again has lost nothing it acknowledged, and is found again', () =>
      onEngine(async (store, engine) => {
        await store.provision();
        let isOver = false;
        let failures = 0;
        const writers = Array.from({ length: 8 }, async (_, cart) => {
          const id = `u~${cart}~main`;
          let acknowledged = -1;
          while (!isOver) {
            const next = { ...view, id, revision: acknowledged + 1 };
            if (await succeeds(store.put([next], 'fenced'))) acknowledged = next.revision;
            else failures += 1;
          }
          return { id, acknowledged };
        });
        for (let round = 0; round < 3; round += 1) {
          await sleep(150);
          await engine.kill();
          await sleep(150);
          await engine.start();
        }
        isOver = true;
        const ends = await Promise.all(writers);
        expect(failures).toBeGreaterThan(0);
        for (const { id, acknowledged } of ends) {
          const stored = (await store.get(id))?.revision ?? -1;
          // One more than was acknowledged, when only the answer was lost.
          expect([acknowledged, acknowledged + 1]).toContain(stored);
          expect(stored).toBeGreaterThan(0);
        }
      }));

    it('and comes back empty is not provisioned, which provisioning mends', () =>
      onEngine(async (store, engine) => {
        await store.provision();
        await store.put([view], 'fenced');
        await engine.kill();
        for (const end of ['', '-wal', '-shm'])
          await rm(join(engine.folder, `dynoxide.db${end}`), { force: true });
        await engine.start();
        const refusal = saying(/carts_v1: this generation is not provisioned/);
        for (const call of everyCall) await expect(call(store)).rejects.toMatchObject(refusal);
        await store.provision();
        expect(await store.get(view.id)).toBeUndefined();
        expect(await store.put([view], 'fenced')).toMatchObject({ written: 1 });
      }));
  });
});

const succeeds = (write: Promise<unknown>): Promise<boolean> =>
  write.then(
    () => true,
    () => sleep(20).then(() => false),
  );
