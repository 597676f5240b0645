import { databaseNames, lackOfDatabases, launchDatabase } from '../databases.ts';
import { fill } from '../rebuilding.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import { DatabaseTarget } from '../targets/database.ts';
import { EmbeddedTarget } from '../targets/embedded.ts';
import { type Misfortune, rebuildThrough, type Target } from '../targets/target.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

const load = { clients: 8, carts: 40, pause: 100 };
/** Before anything happens; of twelve events each. */
const carts = 3_000;

const scenarioOf = (misfortune: Misfortune, title: string, long: number): Scenario => ({
  name: `rebuild-target-${misfortune}`,
  title,
  rounds: { short: 1, long },
  limit: (rounds) => 240_000 + rounds * 120_000,
  ...(misfortune !== 'full' && { lack: lackOfDatabases }),
  run: (run) => rebuildEach(run, misfortune),
});

export const rebuildTargetDatabases: readonly Scenario[] = [
  scenarioOf(
    'hung',
    'rebuilds into a database that hangs for 30 s in the middle, one database after the other',
    6,
  ),
  scenarioOf(
    'killed',
    'rebuilds into a database that is killed in the middle and started again, one after the other',
    9,
  ),
  scenarioOf('down', 'rebuilds into a database that is down at the start, one after the other', 3),
];

export const rebuildTargetFull = scenarioOf(
  'full',
  'rebuilds into an embedded store whose disk becomes full, and makes room again',
  6,
);

async function rebuildEach(run: Run, misfortune: Misfortune): Promise<Outcome> {
  const { random, rounds, folder, defer, onRound } = run;
  const system = await System.start(folder, {}, defer);
  await fill(system.events, carts);
  const targets = await targetsFor(run, system, misfortune);
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const facts: Record<string, string> = {};
  const differences: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const target = targets[(round - 1) % targets.length];
    if (!target) throw new RangeError('There must be a target.');
    const found = await rebuildThrough(system, target, `v${round + 1}`, misfortune);
    facts[`${round} ${target.name}`] = found.fact;
    differences.push(...found.differences.map((one) => `${target.name}, round ${round}: ${one}`));
    onRound(round, rounds);
  }
  await shoppers.stop();
  const whole = await verdict(system, shoppers);
  return { facts: { ...facts, ...whole.facts }, differences: [...differences, ...whole.differences] };
}

/** No more than there are rounds. A Cassandra among them says that something is written before it is on disk. */
async function targetsFor(run: Run, system: System, misfortune: Misfortune): Promise<readonly Target[]> {
  if (misfortune === 'full') return [await EmbeddedTarget.open(run, system)];
  const names = run.random.shuffled(databaseNames).slice(0, run.rounds);
  const targets: Target[] = [];
  for (const name of names) {
    const database = await launchDatabase(name, run.folder, run.defer, { commitlogSync: 'periodic' });
    targets.push(await DatabaseTarget.open(run, system, database));
  }
  return targets;
}
