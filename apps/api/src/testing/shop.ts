import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Projection } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import { type Config, type Env, LazyStore, openEventStore, readConfig } from '@cartage/runtime';
import { type Api, createApp, type Stores } from '../app.ts';

/** Embedded stores in a folder of their own, kept current by a projection, and APIs on them. */
export type Shop = {
  readonly config: Config;
  readonly stores: Stores;
  /** The read store that answers shoppers. */
  readonly views: ReadStore;
  /** The first API. */
  readonly api: Api;
  /** Another API process, as far as one process can have two. */
  anotherApi(stores?: Partial<Stores>): Promise<Api>;
  close(): Promise<void>;
};

type Options = {
  readonly env?: Env;
  readonly rules?: Partial<Config['rules']>;
  readonly projected?: boolean;
  /** Names of read stores; the first one is kept current. */
  readonly stores?: readonly string[];
};

export async function openShop({
  env,
  rules,
  projected = true,
  stores: names = ['views'],
}: Options = {}): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-api-'));
  const settings = readConfig({
    PORT: '0',
    OPERATOR_PORT: '0',
    EVENT_STORE: `embedded:${join(folder, 'events')}`,
    READ_STORES: names.map((name) => `${name}=embedded:${join(folder, name)}`).join(),
    DEV_KEYS: join(folder, 'dev-keys.json'),
    RATE_LIMIT: '1000000',
    GUEST_RATE_LIMIT: '1000000',
    ...env,
  });
  const config = { ...settings, rules: { ...settings.rules, ...rules } };
  const named = config.readStores.map((store) => new LazyStore(store));
  const stores: Stores = { events: await openEventStore(config.eventStore), views: named };
  const views = await named[0]?.open();
  if (!views) throw new Error('READ_STORES names no store.');
  const ending = new AbortController();
  const projection = new Projection({
    events: stores.events,
    store: views,
    purgeWindow: config.offPeak,
  });
  const projecting = projected ? projection.run(ending.signal) : undefined;
  const apis: Api[] = [];
  const anotherApi = async (others: Partial<Stores> = {}): Promise<Api> => {
    const api = await createApp(config, { ...stores, ...others });
    apis.push(api);
    return api;
  };
  const close = async (): Promise<void> => {
    await Promise.all(apis.map((api) => api.close()));
    ending.abort();
    await projecting;
    await Promise.all(named.map((store) => store.close()));
    await stores.events.close();
    await rm(folder, { recursive: true });
  };
  return { config, stores, views, api: await anotherApi(), anotherApi, close };
}

/** Resolves when the views hold all that the log held. */
export async function projected({ stores: { events }, views }: Shop): Promise<void> {
  const head = await events.head();
  while (![...(await views.checkpoints()).values()].some((position) => position >= head))
    await new Promise((resolve) => setTimeout(resolve, 5));
}
