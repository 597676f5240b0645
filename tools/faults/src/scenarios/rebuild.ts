import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStore } from '@cartage/read-store';
import { openReadStore, withGeneration } from '@cartage/runtime';
import { compareViews, foldLog } from '../oracle.ts';
import type { Process } from '../processes.ts';
import type { Random } from '../random.ts';
import { fill, rebuildOf, type Summary, summaryOf } from '../rebuilding.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

const load = { clients: 8, carts: 40, pause: 100 };
/** Before anything happens; of twelve events each. */
const carts = 5_000;
const eventsPerSecond = 10_000;
const generation = 'v2';

export const rebuild: Scenario = {
  name: 'rebuild',
  title: 'kills a rebuild at random moments under live writes, or freezes it while another takes over',
  rounds: { short: 3, long: 10 },
  limit: (rounds) => 180_000 + rounds * 30_000,
  run: rebuilding,
};

async function rebuilding({ random, rounds, folder, defer, onRound }: Run): Promise<Outcome> {
  const system = await System.start(folder, {}, defer);
  await fill(system.events, carts);
  const store = await openReadStore(
    withGeneration({ name: 'views', url: system.env.READ_STORES }, generation),
  );
  defer(() => store.close());
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const rebuilder: Rebuilder = (args) => rebuildOf(system, defer, 'embedded', generation, args);
  const differences: string[] = [];
  let takenOver = 0;
  for (let round = 1; round <= rounds; round += 1) {
    if (round % 3 === 2) {
      takenOver += 1;
      differences.push(...(await takeOver(rebuilder, store, random)));
    } else await killOne(rebuilder, random);
    onRound(round, rounds);
  }
  await shoppers.stop();
  const finished = await runToEnd(rebuilder, ['--verify']);
  const again = await runToEnd(rebuilder, []);
  if (finished.verified?.differing !== 0) differences.push('the rebuild found differences itself');
  if (again.written + again.events > 0) differences.push(`run again, it wrote ${again.written} views`);
  const whole = await verdict(system, shoppers);
  differences.push(...whole.differences, ...(await compareViews(await foldLog(system.events), store)));
  return { facts: { rounds, takenOver, ...whole.facts }, differences };
}

type Rebuilder = (args: readonly string[]) => Process;

const paced = ['--rate', `${eventsPerSecond}`];

async function killOne(rebuilder: Rebuilder, random: Random): Promise<void> {
  const process = rebuilder(paced);
  await process.start();
  await sleep(random.between(400, 6_000));
  await process.kill();
}

/** Longest a run is frozen, ms: one that was frozen while it committed holds LMDB's lock, and the other cannot begin meanwhile. */
const longestFrozen = 10_000;

/** Answers what went otherwise than it should: the frozen one must end by itself when it wakes up. */
async function takeOver(rebuilder: Rebuilder, store: ReadStore, random: Random): Promise<readonly string[]> {
  const [first, second] = [rebuilder(paced), rebuilder(paced)];
  await begun(first, store);
  await sleep(random.below(3_000));
  first.freeze();
  const goesOn = begun(second, store);
  await Promise.race([goesOn.then(() => sleep(random.below(3_000))), sleep(longestFrozen)]);
  first.resume();
  await goesOn;
  const how = await Promise.race([first.ended, sleep(20_000, 'not at all')]);
  await Promise.all([first.end(), second.end()]);
  return how === 'exit code 1' ? [] : [`the run that was taken over ended ${how}: ${first.stderr}`];
}

/** Until the run has marked the generation as its own. */
async function begun(process: Process, store: ReadStore): Promise<void> {
  const mark = async () => (await store.checkpoints()).get('rebuild.0-9999');
  const before = await mark();
  await process.start();
  while ((await mark()) === before) await sleep(25);
}

async function runToEnd(rebuilder: Rebuilder, args: readonly string[]): Promise<Summary> {
  const process = rebuilder(['--once', ...args]);
  await process.start();
  return await summaryOf(process);
}
