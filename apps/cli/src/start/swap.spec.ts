import { setTimeout as sleep } from 'node:timers/promises';
import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import { openReadStore } from '@cartage/runtime';
import { ApiClient } from '../replay/api-client.ts';
import {
  cartage,
  inFolder,
  slow,
  startSystem,
  stopSystem,
  type System,
  until,
  withSystem,
} from '../testing/system.ts';

const path = '/v1/carts/main';

/** Customers who put one thing after the other into their carts, at two APIs in turn, and look at them each time. */
class Load {
  readonly failures: string[] = [];
  rounds = 0;
  readonly #client: ApiClient;
  readonly #customers: readonly Promise<void>[];
  #ending = false;

  constructor(urls: readonly string[], customers: readonly string[]) {
    this.#client = new ApiClient(
      urls.map((url) => new URL(url)),
      customers.length,
      () => undefined,
    );
    this.#customers = customers.map((userId) => this.#shop(userId));
  }

  async more(rounds: number): Promise<void> {
    const wanted = this.rounds + rounds;
    await until(() => this.rounds >= wanted);
  }

  async end(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#customers);
    this.#client.close();
  }

  async #shop(userId: string): Promise<void> {
    const login = await this.#client.send({ method: 'POST', path: '/dev/login', body: { userId } }, 0);
    const { token } = login.body as { token: string };
    for (let turn = 0; !this.#ending; turn += 1) {
      const item = { sku: `sku-${turn % 50}`, quantity: 1 };
      const request = { method: 'POST', path: `${path}/items`, token, body: item } as const;
      const revision = this.#revisionIn(await this.#client.send(request, turn));
      const read = { method: 'GET', path: `${path}?atLeast=${revision}`, token } as const;
      const shown = this.#revisionIn(await this.#client.send(read, turn));
      if (shown < revision) this.failures.push(`${userId}: at ${shown} after ${revision}`);
      this.rounds += 1;
      await sleep(5);
    }
  }

  #revisionIn({ status, body }: { readonly status: number; readonly body: unknown }): number {
    if (status !== 200) this.failures.push(`${status}: ${JSON.stringify(body)}`);
    return (body as { readonly revision?: number }).revision ?? -1;
  }
}

const startApi = (folder: string, settings: Record<string, string>): Promise<System> =>
  startSystem(folder, ['--only', 'api'], settings);

/** Ends an API and starts it again at the same place, with other settings. */
async function restart(folder: string, api: System, settings: Record<string, string>): Promise<System> {
  await stopSystem(api);
  return startApi(folder, { ...api.env, ...settings });
}

const operatorsOf = async ({ urls }: System, route: string): Promise<string> =>
  (await fetch(new URL(route, urls['operators']))).text();

/** Runs two APIs on `stores`, under load, swaps the two stores by a rolling restart, and looks at what came of it. */
async function swapUnderLoad(folder: string, stores: readonly [string, string]): Promise<void> {
  const [READ_STORES, swapped] = [stores.join(), stores.toReversed().join()];
  await withSystem(
    folder,
    ['--only', 'projector,control'],
    async () => {
      let apis = [await startApi(folder, { READ_STORES }), await startApi(folder, { READ_STORES })];
      const customers = ['ann', 'bob', 'cyd', 'dan'];
      const load = new Load(
        apis.map(({ urls }) => urls['shop'] ?? ''),
        customers,
      );
      try {
        await load.more(100);
        for (const [at, api] of apis.entries()) {
          apis = apis.with(at, await restart(folder, api, { READ_STORES: swapped }));
          await load.more(100);
        }
        await load.end();
        expect(load.failures).toEqual([]);
        for (const api of apis) {
          expect(await operatorsOf(api, '/health/ready')).toContain('"readStore":"ok","serving":"second"');
          expect(await operatorsOf(api, '/metrics')).toMatch(/query="GetCart",source="store"} [1-9]/);
        }
        for (const customer of customers) await areEqual(folder, `u~${customer}~main`, { READ_STORES });
      } finally {
        await load.end();
        for (const api of apis) await stopSystem(api);
      }
    },
    { READ_STORES },
  );
}

/** The cart is in both stores what it is in the log. */
async function areEqual(folder: string, id: string, settings: Record<string, string>): Promise<void> {
  const found = await cartage(folder, ['cart', id, '--json'], settings);
  expect(found.code).toBe(0);
  expect(JSON.parse(found.stdout)).toMatchObject({
    stored: [
      { store: 'first', state: 'equal', behind: 0 },
      { store: 'second', state: 'equal', behind: 0 },
    ],
  });
}

test(
  'stores are swapped under load by a rolling restart, and no request fails',
  () =>
    inFolder((folder) =>
      swapUnderLoad(folder, ['first=embedded:./.data/first', 'second=embedded:./.data/second']),
    ),
  2 * slow,
);

for (const name of ['cassandra', 'dynamodb', 'mongodb'] as const)
  describeOn(await findEngine(name), name, ({ url, title }) => {
    const generation = `${url.includes('?') ? '&' : '?'}generation=swap_${process.pid}`;
    const store = { name: 'second', url: url + generation };

    test(
      `the embedded store is swapped for ${title} under load, and no request fails`,
      () =>
        inFolder((folder) => swapUnderLoad(folder, ['first=embedded:./.data/first', `second=${store.url}`])),
      2 * slow,
    );

    afterAll(async () => {
      const opened = await openReadStore(store);
      await opened.drop();
      await opened.close();
    });
  });
