import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '@cartage/engines';
import { type Distant, lackOfDatabases } from '../databases.ts';
import { LagWatcher } from '../lag-watcher.ts';
import type { Prober } from '../prober.ts';
import { quantile } from '../quantile.ts';
import { findingsOf, shopping } from '../replaying.ts';
import { checkpointOf, type System } from '../system.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { shoppingOn } from './stores.ts';
import { verdict } from './verdict.ts';

const load = { clients: 8, carts: 200, pause: 50 };
const faults: readonly Fault[] = [{ kind: 'delay', ms: 300 }, { kind: 'swallow' }, { kind: 'blackHole' }];

/** How long each state of the network is looked at, ms. */
const lasting = {
  short: { pass: 1_000, drop: 0, delay: 1_000, swallow: 1_000, blackHole: 3_000 },
  long: { pass: 10_000, drop: 0, delay: 10_000, swallow: 10_000, blackHole: 20_000 },
} satisfies Record<string, Record<Fault['kind'], number>>;

export const storesCut: Scenario = {
  name: 'stores-cut',
  title:
    'delays a database by 300 ms, loses its answers, then lets it hear nothing, one database after the other',
  rounds: { short: 3, long: 3 },
  limit: (rounds) => 300_000 + rounds * 120_000,
  lack: lackOfDatabases,
  run: cutOff,
};

/** What was seen while the network was in one state. */
type Stretch = {
  /** ms, of each command. */
  readonly latencies: readonly number[];
  /** The largest of the stores that were not disturbed, events. */
  readonly lag: number;
};

type Scene = {
  readonly system: System;
  readonly prober: Prober;
  readonly watch: (ms: number, disturbed: string) => Promise<Stretch>;
  readonly ms: Readonly<Record<Fault['kind'], number>>;
};

async function cutOff(run: Run): Promise<Outcome> {
  const { isShort, defer } = run;
  const { databases, system, shoppers, prober, latencies } = await shoppingOn(run, load);
  const ms = lasting[isShort ? 'short' : 'long'];
  const inAll = run.rounds * Object.values(ms).reduce((sum, one) => sum + one);
  const { replay, hurry } = await shopping(run, system, inAll);
  await system.caughtUp();
  const scene = { system, prober, ms, watch: watching(latencies, LagWatcher.start(system, defer)) };
  const seen = await disturbEach(scene, databases, run);
  hurry();
  await shoppers.stop();
  const replayed = await findingsOf(replay);
  const { facts, differences } = await verdict(system, shoppers);
  const { rows, shoppedFor, retries } = replayed.facts;
  const sentAgain = shoppers.facts.retries + retries;
  const stores = [...system.stores.keys()].join(' ');
  return {
    facts: { stores, ...comparisonOf(seen), rows, shoppedFor, ...facts },
    differences: [
      ...prober.differences,
      ...replayed.differences,
      ...differences,
      ...(sentAgain > 0 ? [`${sentAgain} commands had to be sent again`] : []),
      ...seen.flatMap(({ database, gotOn }) => (gotOn ? [`${database} got on in the black hole`] : [])),
    ],
  };
}

async function disturbEach(
  scene: Scene,
  databases: readonly Distant[],
  { rounds, onRound }: Run,
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const database = databases[(round - 1) % databases.length];
    if (database) seen.push(await disturb(scene, database));
    onRound(round, rounds);
  }
  return seen;
}

const watching =
  (latencies: number[], lags: LagWatcher): Scene['watch'] =>
  async (ms, disturbed) => {
    latencies.length = 0;
    lags.take();
    await sleep(ms);
    const others = [...lags.take()].filter(([name]) => name !== disturbed);
    const behind = others.flatMap(([, seen]) => seen.map(({ events }) => events));
    return { latencies: latencies.splice(0), lag: Math.max(...behind) };
  };

type Seen = {
  readonly database: string;
  readonly calm: Stretch;
  readonly faults: ReadonlyMap<Fault['kind'], Stretch>;
  /** Whether its checkpoint moved although nothing reached it: then the fault is none. */
  readonly gotOn: boolean;
  /** ms from the end of the last fault until all stores have what the log had then. */
  readonly recovery: number;
};

async function disturb({ system, prober, ms, watch }: Scene, { name, proxy }: Distant): Promise<Seen> {
  const calm = await watch(ms.pass, name);
  const stretches = new Map<Fault['kind'], Stretch>();
  let gotOn = false;
  for (const fault of faults) {
    proxy.fault = fault;
    const reached = await reachedBy(system, name);
    stretches.set(fault.kind, await watch(ms[fault.kind], name));
    await prober.reads();
    gotOn = fault.kind === 'blackHole' && reached !== (await reachedBy(system, name));
  }
  proxy.fault = { kind: 'pass' };
  const began = performance.now();
  await system.caughtUp();
  return { database: name, calm, faults: stretches, gotOn, recovery: performance.now() - began };
}

/** What had reached the database when the fault began has been done by then. */
async function reachedBy({ stores }: System, name: string): Promise<bigint | undefined> {
  await sleep(200);
  const store = stores.get(name);
  return store && (await checkpointOf(store));
}

/** Of commands, and of the stores that were not disturbed, against the calm before. */
function comparisonOf(seen: readonly Seen[]): Outcome['facts'] {
  const facts: Record<string, string> = {};
  for (const { database, calm, faults: stretches, recovery } of seen) {
    const undisturbed = p99(calm.latencies);
    facts[`before ${database}`] = `p99 ${undisturbed.toFixed(1)} ms and lag ${calm.lag}`;
    for (const [kind, { latencies, lag }] of stretches)
      facts[`${database} ${kind}`] =
        `p99 ×${(p99(latencies) / undisturbed).toFixed(2)} and lag of others ${lag}`;
    facts[`${database} recovered in`] = `${Math.round(recovery)} ms`;
  }
  return facts;
}

const p99 = (latencies: readonly number[]): number => quantile(latencies, 0.99);
