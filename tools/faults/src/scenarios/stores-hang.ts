import { setTimeout as sleep } from 'node:timers/promises';
import { type Distant, lackOfDatabases } from '../databases.ts';
import { type Lag, LagWatcher } from '../lag-watcher.ts';
import type { Prober } from '../prober.ts';
import { quantile, quantilesOf } from '../quantile.ts';
import { checkpointOf, type System } from '../system.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { shoppingOn } from './stores.ts';
import { verdict } from './verdict.ts';

/** About 320 commands a second, which leave two processors time to idle. */
const load = { clients: 64, carts: 200, pause: 400 };
/** Of warming up, of the hang, and of what is looked at before and after it, ms. */
const lasting = { short: 4_000, long: 30_000 };
const memoryPause = 200; // ms
/** A projector that holds on to what a hung store does not take grows by more, MB. */
const mostGrowth = 256;
/** What a lag may be above the largest before the hang to count as over, ms: it is looked at so often. */
const tolerance = 200;
const recoveryLimit = 60_000; // ms

export const storesHang: Scenario = {
  name: 'stores-hang',
  title: 'lets a database hang for 30 s while 64 clients send commands, one database after the other',
  rounds: { short: 1, long: 3 },
  limit: (rounds) => 180_000 + rounds * (4 * lasting.long + recoveryLimit),
  lack: lackOfDatabases,
  run: hangEach,
};

type Scene = {
  readonly system: System;
  readonly prober: Prober;
  readonly lags: LagWatcher;
  readonly watch: () => Promise<Stretch>;
};

/** What was seen for a while. */
type Stretch = {
  /** ms, of each command. */
  readonly latencies: readonly number[];
  readonly lags: ReadonlyMap<string, readonly Lag[]>;
  /** The most that the projector held, MB. */
  readonly memory: number;
};

/** What came of one hang. */
type Found = Pick<Outcome, 'facts' | 'differences'>;

async function hangEach(run: Run): Promise<Outcome> {
  const { random, rounds, isShort, defer, onRound } = run;
  const { databases, system, shoppers, prober, latencies } = await shoppingOn(run, load);
  await system.caughtUp();
  const lags = LagWatcher.start(system, defer);
  const watch = watching(system, latencies, lags, lasting[isShort ? 'short' : 'long']);
  await watch();
  const order = random.shuffled(databases);
  const found: Found[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const database = order[(round - 1) % order.length];
    if (database) found.push(await hang({ system, prober, lags, watch }, database));
    onRound(round, rounds);
  }
  await shoppers.stop();
  const { facts, differences } = await verdict(system, shoppers);
  const { retries } = shoppers.facts;
  return {
    facts: Object.assign(
      { stores: [...system.stores.keys()].join(' ') },
      ...found.map((one) => one.facts),
      facts,
    ),
    differences: [
      ...prober.differences,
      ...found.flatMap((one) => one.differences),
      ...(retries > 0 ? [`${retries} commands had to be sent again`] : []),
      ...differences,
    ],
  };
}

const watching =
  (system: System, latencies: number[], lags: LagWatcher, ms: number): Scene['watch'] =>
  async () => {
    latencies.length = 0;
    lags.take();
    const memory: number[] = [];
    for (const end = performance.now() + ms; performance.now() < end; await sleep(memoryPause))
      memory.push(Math.max(...(await Promise.all(system.projectors.map((one) => one.residentMegabytes())))));
    return { latencies: latencies.splice(0), lags: lags.take(), memory: Math.max(...memory) };
  };

async function hang({ system, prober, lags, watch }: Scene, { name, proxy }: Distant): Promise<Found> {
  const before = await watch();
  proxy.fault = { kind: 'blackHole' };
  const reached = await reachedBy(system, name);
  const during = await watch();
  await prober.reads();
  const gotOn = reached !== (await reachedBy(system, name));
  proxy.fault = { kind: 'pass' };
  const recovery = await recovered(lags, name, quantile(lagsOf(before, name), 1) + tolerance);
  const after = await watch();
  const growth = during.memory - before.memory;
  return {
    facts: {
      [`${name} before`]: textOf(before, name),
      [`${name} hung`]: textOf(during, name),
      [`${name} after`]: textOf(after, name),
      [`${name} p99 ÷ before`]: ratio(during, before),
      [`${name} level again after`]: `${(recovery / 1000).toFixed(1)} s`,
    },
    differences: [
      ...(gotOn ? [`${name} got on although it hung`] : []),
      ...(growth > mostGrowth ? [`the projector grew by ${Math.round(growth)} MB while ${name} hung`] : []),
    ],
  };
}

/** What had reached the database when it began to hang has been done by then. */
async function reachedBy({ stores }: System, name: string): Promise<bigint | undefined> {
  await sleep(200);
  const store = stores.get(name);
  return store && (await checkpointOf(store));
}

/** ms until the store lags no more than that. @throws {Error} it does after 60 s */
async function recovered(lags: LagWatcher, name: string, most: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    await sleep(tolerance / 4);
    const lag = lags.latest(name)?.ms ?? Infinity;
    const waited = performance.now() - began;
    if (lag <= most) return waited;
    if (waited > recoveryLimit) throw new Error(`${name} still lags by ${Math.round(lag)} ms`);
  }
}

const lagsOf = ({ lags }: Stretch, name: string): readonly number[] =>
  lags.get(name)?.map(({ ms }) => ms) ?? [];

function textOf(stretch: Stretch, disturbed: string): string {
  const others = [...stretch.lags.keys()].filter((name) => name !== disturbed);
  const ofOthers = others.flatMap((name) => lagsOf(stretch, name));
  const { latencies, memory } = stretch;
  return [
    `${latencies.length} commands ${quantilesOf(latencies)} ms`,
    `lag of others ${quantilesOf(ofOthers)} ms`,
    `its own at most ${Math.round(quantile(lagsOf(stretch, disturbed), 1))} ms`,
    `projector ${Math.round(memory)} MB`,
  ].join('; ');
}

const ratio = (one: Stretch, other: Stretch): string =>
  (quantile(one.latencies, 0.99) / quantile(other.latencies, 0.99)).toFixed(2);
