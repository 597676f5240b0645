import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDisk } from '../disk.ts';
import { keepRunning } from '../processes.ts';
import { Prober } from '../prober.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import { writeProtection } from '../unwritable.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

/** A process whose environment LMDB has given up, because it was writing a meta page just then, ends within so long, ms. */
const givenUp = 1_500;

const load = { clients: 16, carts: 50, pause: 50 };
const limit = (rounds: number): number => 120_000 + rounds * 90_000;

export const storageFull: Scenario = {
  name: 'storage-full',
  title: 'fills the disk under a system at work, and makes room again',
  rounds: { short: 1, long: 10 },
  limit,
  run: fill,
};

export const storageUnwritable: Scenario = {
  name: 'storage-unwritable',
  title: 'takes the right to write from a system at work, and gives it back',
  rounds: { short: 1, long: 10 },
  limit,
  run: protect,
};

async function fill(run: Run): Promise<Outcome> {
  const disk = await openDisk(run.folder, ['events', 'views']);
  run.defer(() => disk.close());
  const outcome = await suffer(run, disk.folder, {
    says: /disk is full|may not grow/,
    make: ({ processes }) => disk.fill(processes),
    mend: ({ processes }) => disk.free(processes),
  });
  return { ...outcome, facts: { disk: disk.kind, ...outcome.facts } };
}

async function protect(run: Run): Promise<Outcome> {
  const protection = await writeProtection();
  if (!protection) throw new Error('This account is root without chattr: nothing is unwritable for it.');
  const files = ['events', 'views'].map((name) => join(run.folder, name, 'data.mdb'));
  const mend = async (): Promise<void> => {
    for (const file of files) await protection.release(file);
  };
  run.defer(() => mend().catch(() => undefined));
  return await suffer(run, run.folder, {
    says: /may not (?:read and )?write it/,
    stopsRunning: protection.stopsRunning,
    make: async () => {
      for (const file of files) await protection.protect(file);
    },
    mend,
    whileMade: restartInVain,
  });
}

type Misfortune = {
  /** What operators must be told. */
  readonly says: RegExp;
  /** Whether it meets processes that run; they do when absent. */
  readonly stopsRunning?: boolean;
  readonly make: (system: System) => Promise<void>;
  readonly mend: (system: System) => Promise<void>;
  /** Answers what went otherwise than it must. */
  readonly whileMade?: (system: System, says: RegExp) => Promise<readonly string[]>;
};

async function suffer(
  { random, rounds, defer, onRound }: Run,
  folder: string,
  { says, stopsRunning = true, make, mend, whileMade }: Misfortune,
): Promise<Outcome> {
  const system = await System.start(folder, { apis: 2 }, defer);
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const prober = await Prober.start(system, random.fork());
  let leaveOff = keepRunning(system.processes);
  defer(async () => leaveOff());
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(random.between(300, 1_000));
    await make(system);
    if (stopsRunning) await prober.refused(says);
    await sleep(givenUp);
    await prober.reads();
    leaveOff();
    prober.note(await (whileMade?.(system, says) ?? []));
    leaveOff = keepRunning(system.processes);
    await mend(system);
    await prober.accepted();
    await system.ready();
    onRound(round, rounds);
  }
  await shoppers.stop();
  const starts = system.processes.reduce((sum, process) => sum + process.starts, 0);
  const { facts, differences } = await verdict(system, shoppers);
  return {
    facts: { rounds, starts, ...prober.facts, ...facts },
    differences: [...prober.differences, ...differences],
  };
}

/** A process that starts on what it cannot write says so and ends. */
async function restartInVain({ apis }: System, says: RegExp): Promise<readonly string[]> {
  const [api] = apis;
  if (!api) return [];
  await api.kill();
  api.launch();
  const end = await api.ended;
  if (end === 'exit code 1' && says.test(api.stderr) && api.stderr.trim().split('\n').length === 1) return [];
  return [`${api.name} ended with ${end} on an unwritable folder and said: ${api.stderr}`];
}
