import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from '@cartage/engines';
import { MergeCutter } from '../merge-cutter.ts';
import { EventStoreServer } from '../event-store-server.ts';
import type { Process } from '../processes.ts';
import { findingsOf, replayOf, shopping } from '../replaying.ts';
import { System, type SystemOptions } from '../system.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

/** Each way of a request, ms: the steps of a merge can be told apart. */
const delay = 20;
const limit = (rounds: number): number => 300_000 + rounds * 15_000;

export const replayProjector: Scenario = {
  name: 'replay-projector',
  title: 'replays a CSV file while the projector is killed',
  rounds: { short: 2, long: 20 },
  limit,
  run: (run) => replayOn(run, {}, ({ projectors }) => projectors),
};

export const replayApi: Scenario = {
  name: 'replay-api',
  title: 'replays a CSV file while APIs are killed and clients repeat under the same keys',
  rounds: { short: 2, long: 20 },
  limit,
  run: (run) => replayOn(run, {}, ({ apis }) => apis),
};

export const replayEventStoreDb: Scenario = {
  name: 'replay-eventstoredb',
  title: 'replays a CSV file into the EventStoreDB protocol facade while that is killed',
  rounds: { short: 2, long: 20 },
  limit,
  run: async (run) => {
    const server = await EventStoreServer.start(run.folder, run.defer);
    return await replayOn(run, { eventStore: server.url }, () => [server]);
  },
};

export const replayControl: Scenario = {
  name: 'replay-control',
  title: 'replays a CSV file while APIs die between the steps of merges, and control before it finishes them',
  rounds: { short: 1, long: 20 },
  limit,
  run: replayWhileMergesAreCut,
};

export type Victim = Pick<Process, 'kill' | 'start'>;

async function replayOn(
  run: Run,
  options: SystemOptions,
  victimsIn: (system: System) => readonly Victim[],
): Promise<Outcome> {
  const system = await System.start(run.folder, { apis: 2, ...options }, run.defer);
  return await replayWhileKilled(run, system, () => run.random.pick(victimsIn(system)));
}

/** Replays the run's file, at least as long as wished for, ms, while now and then somebody is killed and started again. */
export async function replayWhileKilled(
  run: Run,
  system: System,
  next: () => Victim,
  lasting = 0,
): Promise<Outcome> {
  const { replay, hurry } = await shopping(run, system, lasting);
  const killed = await killWhile(replay, run, next);
  hurry();
  const found = await findingsOf(replay);
  const { facts, differences } = await verdict(system);
  const idle = killed === 0 ? ['nothing was killed: the file is too short'] : [];
  return {
    facts: { killed, ...found.facts, ...facts },
    differences: [...found.differences, ...differences, ...idle],
  };
}

/** Answers how often somebody was killed while the process ran. */
async function killWhile(
  running: Process,
  { random, rounds, onRound }: Run,
  next: () => Victim,
): Promise<number> {
  let killed = 0;
  while (killed < rounds && running.isRunning) {
    await sleep(random.between(100, 1_000));
    const victim = next();
    await victim.kill();
    await sleep(random.below(500));
    await victim.start();
    killed += 1;
    onRound(killed, rounds);
  }
  return killed;
}

async function replayWhileMergesAreCut({
  random,
  rounds,
  folder,
  file,
  defer,
  onRound,
}: Run): Promise<Outcome> {
  const system = await System.start(folder, {}, defer);
  const cutter = new MergeCutter(system, random, rounds, (cut) => onRound(cut, rounds));
  const proxy = await FaultProxy.open(system.urls[0] ?? '', { onSent: cutter.onSent });
  defer(() => proxy.close());
  proxy.fault = { kind: 'delay', ms: delay };
  const replay = replayOf(file, [proxy.url], system);
  defer(() => replay.end());
  replay.launch();
  const found = await findingsOf(replay);
  await cutter.idle();
  const { facts, differences } = await verdict(system);
  return {
    facts: { ...cutter.facts, ...found.facts, ...facts },
    differences: [...found.differences, ...differences, ...cutter.differences],
  };
}
