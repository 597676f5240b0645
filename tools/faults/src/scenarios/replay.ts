import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from '../fault-proxy.ts';
import { MergeCutter } from '../merge-cutter.ts';
import type { Process } from '../processes.ts';
import { findingsOf, replayOf } from '../replaying.ts';
import { System } from '../system.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

/** Each way of a request, ms: the replay takes long enough to be disturbed. */
const delay = 20;
const limit = (rounds: number): number => 300_000 + rounds * 15_000;

export const replayProjector: Scenario = {
  name: 'replay-projector',
  title: 'replays a CSV file while the projector is killed',
  rounds: { short: 2, long: 20 },
  limit,
  run: (run) => replayWhileKilled(run, ({ projectors }) => projectors),
};

export const replayApi: Scenario = {
  name: 'replay-api',
  title: 'replays a CSV file while APIs are killed and clients repeat under the same keys',
  rounds: { short: 2, long: 20 },
  limit,
  run: (run) => replayWhileKilled(run, ({ apis }) => apis),
};

export const replayControl: Scenario = {
  name: 'replay-control',
  title: 'replays a CSV file while APIs die between the steps of merges, and control before it finishes them',
  rounds: { short: 1, long: 20 },
  limit,
  run: replayWhileMergesAreCut,
};

async function replayWhileKilled(
  run: Run,
  victimsIn: (system: System) => readonly Process[],
): Promise<Outcome> {
  const { folder, file, defer } = run;
  const system = await System.start(folder, { apis: 2 }, defer);
  const shopping = new AbortController();
  const onSent = (bytes: Buffer): void => {
    if (bytes.includes('POST /')) shopping.abort();
  };
  const proxies = await Promise.all(system.urls.map((url) => FaultProxy.open(url, { onSent })));
  for (const proxy of proxies) {
    defer(() => proxy.close());
    proxy.fault = { kind: 'delay', ms: delay };
  }
  const urls = proxies.map(({ url }) => url);
  const replay = replayOf(file, urls, system);
  defer(() => replay.end());
  replay.launch();
  // Before it begins it looks once whether an API answers: that may not meet a killed one.
  await Promise.race([once(shopping.signal, 'abort'), replay.ended]);
  const killed = await killWhile(replay, run, victimsIn(system));
  const found = await findingsOf(replay);
  const { facts, differences } = await verdict(system);
  const idle = killed === 0 ? ['nothing was killed: the file is too short'] : [];
  return {
    facts: { killed, ...found.facts, ...facts },
    differences: [...found.differences, ...differences, ...idle],
  };
}

/** Kills one of the processes now and then, and starts it again, while another runs. Answers how often it did. */
async function killWhile(
  running: Process,
  { random, rounds, onRound }: Run,
  victims: readonly Process[],
): Promise<number> {
  let killed = 0;
  while (killed < rounds && running.isRunning) {
    await sleep(random.between(100, 1_000));
    const victim = random.pick(victims);
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
