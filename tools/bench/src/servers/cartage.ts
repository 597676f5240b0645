import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LoadGenerator } from '../load/load-generator.ts';
import { keptSkus } from '../load/requests.ts';
import { freePort, type Processes } from '../processes.ts';
import type { Bench } from '../scenarios/scenario.ts';
import { type Server, startServer } from './server.ts';

export const cartage = 'Cartage';
const unlimited = '100000000';
const catchUpLimit = 30_000;
const seedLimit = 60_000;

const scriptOf = (app: string): string =>
  fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url));

export type Shop = {
  readonly api: Server;
  /** Where the API serves its metrics. */
  readonly operatorPort: number;
  readonly generator: LoadGenerator;
};

export type ShopOptions = {
  /** The URL of the event store; an embedded one in the bench's folder when absent. */
  readonly eventStore?: string;
  /** What the ids of the shoppers begin with: `bench` when absent. */
  readonly shopper?: string;
};

/** Starts the API, with or without a projector, and puts the lines into every shopper's cart. */
export async function startShop(
  { processes, folder, settings }: Bench,
  projected: boolean,
  { eventStore, shopper }: ShopOptions = {},
): Promise<Shop> {
  const { connections, seed } = settings;
  const env = await settingsFor(folder, eventStore);
  const api = await startApi(processes, env);
  if (projected) await startProjector(processes, env);
  const tokens = await signIn(api, settings.shoppers, shopper);
  const generator = await LoadGenerator.start(processes, tokens);
  const { tally } = await generator.loadAccepted({
    ...api,
    plan: 'seed',
    seed,
    connections,
    milliseconds: seedLimit,
  });
  if (tally.answers < tokens.length * keptSkus.length)
    throw new Error(`Filling ${tokens.length} carts takes over ${seedLimit / 1000} s.`);
  if (projected) await untilProjected(api, tokens);
  return { api, operatorPort: Number(env['OPERATOR_PORT']), generator };
}

/** What the processes of one installation share: a folder of its own, the development issuer, nobody turned away. */
export async function settingsFor(
  folder: string,
  eventStore = `embedded:${join(folder, 'events')}`,
): Promise<Readonly<Record<string, string>>> {
  return {
    NODE_ENV: '',
    JWKS_URL: '',
    HOST: '127.0.0.1',
    OPERATOR_PORT: String(await freePort()),
    EVENT_STORE: eventStore,
    READ_STORES: `embedded:${join(folder, 'views')}`,
    DEV_KEYS: join(folder, 'dev-keys.json'),
    RATE_LIMIT: unlimited,
    GUEST_RATE_LIMIT: unlimited,
    MAX_IN_FLIGHT: '100000',
  };
}

/** Starts the API. @throws {Error} with its last words when it does not start */
export async function startApi(processes: Processes, env: Readonly<Record<string, string>>): Promise<Server> {
  return await startServer(processes, { name: cartage, script: scriptOf('api'), env });
}

/** Keeps the read store current beside the API. */
async function startProjector(processes: Processes, env: Readonly<Record<string, string>>): Promise<void> {
  const script = scriptOf('projector');
  await startServer(processes, { name: 'Cartage projector', script, env, portSetting: 'PROJECTOR_PORT' });
}

/** Tokens of `count` users `<shopper>-<number>`, from the development issuer. */
export async function signIn({ port }: Server, count: number, shopper = 'bench'): Promise<string[]> {
  const tokens: string[] = [];
  for (let user = 0; user < count; user++) {
    const answer = await fetch(`http://127.0.0.1:${port}/dev/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: `${shopper}-${user}` }),
    });
    const body = (await answer.json()) as { readonly token?: string };
    if (!body.token) throw new Error(`/dev/login answered ${answer.status}: ${JSON.stringify(body)}`);
    tokens.push(body.token);
  }
  return tokens;
}

/** Resolves when the read store answers every shopper with a cart that has lines. @throws {Error} it does not within 30 s */
async function untilProjected({ port }: Server, tokens: readonly string[]): Promise<void> {
  const end = performance.now() + catchUpLimit;
  for (const token of tokens)
    while (!(await hasLines(port, token))) {
      if (performance.now() > end)
        throw new Error(`The read store is still behind after ${catchUpLimit / 1000} s.`);
      await sleep(20);
    }
}

async function hasLines(port: number, token: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/carts/main`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { lineCount = 0 } = (await answer.json()) as { readonly lineCount?: number };
  return lineCount > 0;
}
