import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cartage, inFolder, slow, until, withSystem } from '../testing/system.ts';

const preloaded = new URL('../testing/modules.fixture.mjs', import.meta.url);
const drivers = /node_modules\/(lmdb|mongodb|cassandra-driver|@aws-sdk|@eventstore)\//;
const nobody = 'mongodb://127.0.0.1:1/cartage';

/** The drivers that the processes of a system with these settings load. */
async function driversWith(folder: string, settings: Record<string, string>): Promise<readonly string[]> {
  const LOADED_MODULES = join(folder, 'modules');
  const NODE_OPTIONS = `--import=${fileURLToPath(preloaded)}`;
  await withSystem(folder, [], async () => undefined, { ...settings, LOADED_MODULES, NODE_OPTIONS });
  const modules = (await readFile(LOADED_MODULES, 'utf8')).split('\n');
  return [...new Set(modules.flatMap((url) => drivers.exec(url)?.[1] ?? []))].toSorted();
}

test(
  'a system loads the drivers of the stores it has, and no others',
  () =>
    inFolder(async (folder) => {
      expect(await driversWith(folder, {})).toEqual(['lmdb']);
      const READ_STORES = `embedded:./.data/views,${nobody}`;
      expect(await driversWith(folder, { READ_STORES })).toEqual(['lmdb', 'mongodb']);
    }),
  slow,
);

test(
  'a shop whose only read store is out of reach takes orders, shows carts from the log, and says what is wrong',
  () =>
    inFolder((folder) =>
      withSystem(
        folder,
        ['--only', 'api'],
        async ({ urls, env, stderr }) => {
          const { headers, answer } = await addMug(urls['shop']);
          expect(answer).toMatchObject({ revision: 1, itemCount: 2 });
          const shown = await fetch(`${urls['shop']}/v1/carts/main`, { headers });
          expect([shown.status, await shown.json()]).toEqual([200, answer]);
          const listed = await fetch(`${urls['shop']}/v1/carts`, { headers });
          expect([listed.status, listed.headers.get('retry-after')]).toEqual([503, '1']);

          await until(() => stderr().includes('api is degraded: {"status":"degraded"'));
          const health = await fetch(new URL('/health/ready', urls['operators']));
          expect(await health.json()).toMatchObject({
            status: 'degraded',
            eventStore: 'ok',
            readStore: expect.stringMatching(/127\.0\.0\.1:1|no answer within 500 ms/),
            serving: 'main',
          });
          const doctor = await cartage(folder, ['doctor'], env);
          expect(doctor.stdout).toMatch(/WRONG {2}read store main: mongodb:\/\/127\.0\.0\.1:1\/.*\n {8}→ /);
          expect(doctor.stdout).toMatch(/WRONG {2}api: degraded at /);
        },
        { READ_STORES: `main=${nobody}` },
      ),
    ),
  slow,
);

async function addMug(shop = '') {
  const guest = await fetch(`${shop}/v1/guests`, { method: 'POST' });
  const { token } = (await guest.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const added = await fetch(`${shop}/v1/carts/main/items`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"sku":"mug","quantity":2}',
  });
  return { headers, answer: (await added.json()) as object };
}
