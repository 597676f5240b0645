import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultProxy, launchEngine, type LaunchedEngine, MissingToolchain } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import { cartage, inFolder, slow, until, withSystem } from '../testing/system.ts';

/** DynamoDB's stand-in starts at once, so each test has one of its own to mistreat; undefined where there is none. */
const launched = await launchEngine('dynamodb').catch((error: unknown) => {
  if (error instanceof MissingToolchain) return undefined;
  throw error;
});
afterAll(() => launched?.stop());

type Stores = Readonly<
  Record<string, { readonly ready: boolean; readonly position: string; readonly lag: number }>
>;

const storesOf = async (health = ''): Promise<Stores> =>
  ((await (await fetch(health)).json()) as { readonly stores: Stores }).stores;

/** Puts one more thing into a cart each time it is called. */
async function customerOf(shop = ''): Promise<() => Promise<number>> {
  const json = { 'content-type': 'application/json' };
  const login = await fetch(`${shop}/dev/login`, { method: 'POST', headers: json, body: '{"userId":"42"}' });
  const { token } = (await login.json()) as { token: string };
  const headers = { ...json, authorization: `Bearer ${token}` };
  return async () => {
    const body = '{"sku":"mug","quantity":1}';
    const answer = await fetch(`${shop}/v1/carts/main/items`, { method: 'POST', headers, body });
    return answer.status;
  };
}

describeOn(launched?.engine, 'dynamodb', ({ url }) => {
  const { engine: _, ...engine } = launched as LaunchedEngine;
  const endpoint = new URL(url).searchParams.get('endpoint') ?? '';

  test(
    'a store that answers nothing holds up neither the shop nor the other store, and catches up afterwards',
    () =>
      inFolder(async (folder) => {
        const proxy = await FaultProxy.open(endpoint);
        const READ_STORES = `main=embedded:./.data/views,other=dynamodb://local/black_hole?endpoint=${proxy.url}`;
        await withSystem(
          folder,
          [],
          async ({ urls, env }) => {
            const add = await customerOf(urls['shop']);
            await add();
            const level = async (name: string): Promise<boolean> =>
              (await storesOf(urls['projector']))[name]?.lag === 0;
            await until(() => level('other'));

            proxy.fault = { kind: 'blackHole' };
            const before = (await storesOf(urls['projector']))['other']?.position;
            for (let i = 0; i < 20; i += 1) expect(await add()).toBe(200);
            const cart = async () => (await cartage(folder, ['cart', 'u~42~main'], env)).stdout;
            await until(async () => (await cart()).includes('main: revision 21, level with the log, equal'));
            expect((await storesOf(urls['projector']))['other']?.position).toBe(before);

            proxy.fault = { kind: 'pass' };
            await until(async () => (await cartage(folder, ['cart', 'u~42~main'], env)).code === 0);
            await until(async () => (await level('main')) && (await level('other')));
          },
          { READ_STORES },
        );
        await proxy.close();
      }),
    2 * slow,
  );

  test(
    'a store that comes back empty gets its tables and every view again',
    () =>
      inFolder(async (folder) => {
        const READ_STORES = `main=embedded:./.data/views,other=${url}`;
        await withSystem(
          folder,
          [],
          async ({ urls, env }) => {
            const add = await customerOf(urls['shop']);
            const areEqual = async (): Promise<boolean> => {
              const { stdout } = await cartage(folder, ['cart', 'u~42~main'], env);
              return /main \(level\) +other \(level\)\n/.test(stdout) && !stdout.includes('≠');
            };
            await add();
            await until(areEqual);

            await engine.kill();
            await rm(join(engine.folder, 'dynoxide.db'));
            expect(await add()).toBe(200);
            await engine.start();
            await until(areEqual);
          },
          { READ_STORES },
        );
      }),
    2 * slow,
  );
});
