import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { allBuckets, coveredTo } from '@cartage/projection';
import { Process } from '../processes.ts';
import type { Random } from '../random.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import { ViewWatcher } from '../view-watcher.ts';
import type { Defer, Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

const load = { clients: 16, carts: 60, pause: 60 };
/** How long, ms, others are waited for that may not get on: one that is frozen may hold the store's lock. */
const patience = 5_000;
const script = fileURLToPath(new URL('../../../../apps/projector/dist/main.js', import.meta.url));

export const projectionSplit: Scenario = {
  name: 'projection-split',
  title:
    'splits the buckets among projectors anew, kills them, and wakes one of two with a range after others went on',
  rounds: { short: 3, long: 20 },
  limit: (rounds) => 120_000 + rounds * 30_000,
  run: splitAgain,
};

async function splitAgain({ random, rounds, folder, defer, onRound }: Run): Promise<Outcome> {
  const system = await System.start(folder, { projectors: 0 }, defer);
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const watcher = new ViewWatcher(system.views, [...shoppers.account.lines.keys()]);
  let overtaken = 0;
  let frozen = await keepAndFreezeOne(system, random, defer);
  // What the scenario is there for must have happened, be it in a later round.
  for (let round = 1; round <= rounds || (overtaken === 0 && round <= 4 * rounds); round += 1) {
    const next = launchKeepers(system, random, defer);
    overtaken += (await movesOn(system)) ? 1 : 0;
    frozen.resume();
    await sleep(random.between(200, 1_500));
    await frozen.kill();
    frozen = await freezeOneKillOthers(next, random);
    onRound(Math.min(round, rounds), rounds);
  }
  await frozen.kill();
  await shoppers.stop();
  keeper(system, '0-9999', defer).launch();
  const { facts, differences } = await verdict(system, shoppers);
  await watcher.stop();
  const never = overtaken > 0 ? [] : ['nobody went on while one was frozen'];
  return {
    facts: { rounds, overtaken, ...watcher.facts, ...facts },
    differences: [...differences, ...watcher.differences, ...never],
  };
}

async function keepAndFreezeOne(system: System, random: Random, defer: Defer): Promise<Process> {
  const keepers = launchKeepers(system, random, defer);
  await movesOn(system);
  return await freezeOneKillOthers(keepers, random);
}

/** One projector for each of one to four ranges, and one more for the first. */
function launchKeepers(system: System, random: Random, defer: Defer): readonly Process[] {
  const bounds = Array.from({ length: random.below(4) }, () => random.between(1, 9_999));
  const starts = [...new Set([0, ...bounds])].sort((one, other) => one - other);
  const ranges = starts.map((from, at) => `${from}-${(starts[at + 1] ?? 10_000) - 1}`);
  const keepers = [...ranges.slice(0, 1), ...ranges].map((range) => keeper(system, range, defer));
  for (const process of keepers) process.launch();
  return keepers;
}

function keeper({ env }: System, range: string, defer: Defer): Process {
  const process = new Process({
    name: `projector ${range}`,
    script,
    env: { ...env, PROJECTOR_BUCKETS: range, PROJECTOR_PORT: '0' },
  });
  defer(() => process.end());
  return process;
}

/** Answers whether all carts are projected further than they were, as soon as they are. */
async function movesOn({ events, views }: System): Promise<boolean> {
  const reached = async () => coveredTo(await views.checkpoints(), allBuckets) ?? -1n;
  const head = await events.head();
  for (const end = performance.now() + patience; performance.now() < end; await sleep(25))
    if ((await reached()) > head) return true;
  return false;
}

/** Of the first two, which keep the same carts. */
async function freezeOneKillOthers(keepers: readonly Process[], random: Random): Promise<Process> {
  const frozen = random.pick(keepers.slice(0, 2));
  frozen.freeze();
  await sleep(random.below(500));
  await Promise.all(keepers.filter((process) => process !== frozen).map((process) => process.kill()));
  return frozen;
}
