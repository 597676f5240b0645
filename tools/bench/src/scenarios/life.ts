import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CartEvent, customerOwner, cartIdOf, decide, emptyView, project, streamOf } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { LoadGenerator } from '../load/load-generator.ts';
import { keptSkus } from '../load/requests.ts';
import { Processes } from '../processes.ts';
import type { Result } from '../report/result.ts';
import { settingsFor, signIn, startApi } from '../servers/cartage.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';
import { residentMegabytes } from './soak.ts';

type Log = { readonly carts: number; readonly folder: string };

const writers = 512;
const cartsPerSecond = 7_000;
const startUp = 3_000;
const sizesOf = (quick: boolean): readonly [number, number] =>
  quick ? [1_000, 50_000] : [10_000, 1_000_000];
const activeOf = (quick: boolean): number => (quick ? 2_000 : 20_000);

/** Whether a long log costs memory or start-up time. */
export const life: Scenario = {
  name: 'life',
  title: 'a log of 1,000,000 carts: start-up time and memory of the API',
  estimate: ({ quick, rounds, window }) => {
    const [small, large] = sizesOf(quick);
    return ((small + large) / cartsPerSecond) * 1000 + 2 * rounds * startUp + (rounds + 1) * window;
  },
  run: async (bench) => {
    const { settings, progress, folder } = bench;
    const logs = sizesOf(settings.quick).map((carts) => ({ carts, folder: join(folder, String(carts)) }));
    for (const log of logs)
      await progress.during(`writing ${log.carts} carts`, (log.carts / cartsPerSecond) * 1000, () =>
        fill(log),
      );
    const sides = logs.map((log) => ({ name: `starting on ${log.carts} carts`, side: log }));
    const starts = await interleaved(bench, sides, startTime);
    return resultOf(logs, starts, await memory(bench, logs[1] ?? { carts: 0, folder }));
  },
};

async function fill({ carts, folder }: Log): Promise<void> {
  await mkdir(folder, { recursive: true });
  const events = await EmbeddedEventStore.open(join(folder, 'events'));
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < carts) await fillCart(events, cartIdOf(customerOwner(`bench-${next++}`)));
  };
  await Promise.all(Array.from({ length: writers }, write));
  await events.close();
}

/** A cart as a shopper leaves it: opened, and a line for each of the kept articles. */
async function fillCart(events: EventStore, id: string): Promise<void> {
  let view = emptyView(id);
  const decided: CartEvent[] = [];
  for (const sku of keptSkus) {
    const command = { type: 'AddItem', sku, quantity: 1 } as const;
    for (const event of decide(view, command, { now: Date.now(), revision: view.revision })) {
      view = project(view, event, view.revision + 1);
      decided.push(event);
    }
  }
  const drafts = decided.map((event) => ({ id: randomUUID(), ...event, metadata: { schema: 1 } }));
  await events.append(streamOf(id), drafts, 'none');
}

/** From the start of the process until it says that it is ready, ms. */
async function startTime({ folder }: Log): Promise<number> {
  const processes = new Processes();
  try {
    const began = performance.now();
    const { port } = await startApi(processes, await settingsFor(folder));
    while (!(await fetch(`http://127.0.0.1:${port}/health/ready`)).ok) await sleep(5);
    return performance.now() - began;
  } finally {
    await processes.stop();
  }
}

/** Resident memory beyond mapped files after each round of steady load on many carts, MiB. */
async function memory({ settings, processes, progress }: Bench, { folder }: Log): Promise<number[]> {
  const api = await startApi(processes, await settingsFor(folder));
  const generator = await LoadGenerator.start(processes, await signIn(api, activeOf(settings.quick)));
  const megabytes: number[] = [];
  for (let round = 0; round < settings.rounds; round += 1) {
    await progress.during(`load ${round + 1} of ${settings.rounds}`, settings.window, () =>
      generator.loadAccepted({
        ...api,
        plan: 'writes',
        seed: settings.seed + round,
        connections: settings.connections,
        milliseconds: settings.window,
      }),
    );
    megabytes.push(await residentMegabytes(api.pid));
  }
  return megabytes;
}

function resultOf(
  [small, large]: readonly Log[],
  starts: ReadonlyMap<Log, readonly number[]>,
  megabytes: readonly number[],
): Result {
  const times = [small, large].map((log) => spreadOf((log && starts.get(log)) ?? []));
  const [few = spreadOf([Number.NaN]), many = few] = times;
  return {
    scenario: life.name,
    about:
      'Carts of four lines, five events each, in the embedded log. Start-up until /health/ready answers 200, both logs in turn. ' +
      'Memory: RssAnon of the API in /proc, so without the pages of mapped files, after each round of a closed loop of commands on many carts.',
    unit: '',
    sides: [],
    figures: [
      { name: `start-up on ${small?.carts} carts`, unit: 'ms', value: few },
      { name: `start-up on ${large?.carts} carts`, unit: 'ms', value: many },
      { name: 'start-up, the long log ÷ the short one', unit: '', value: ratioOf(many, few) },
      {
        name: `memory on ${large?.carts} carts`,
        unit: 'MiB',
        value: spreadOf(megabytes),
        target: { atMost: 400 },
      },
    ],
  };
}
