import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreServer } from '../event-store-server.ts';
import { Prober } from '../prober.ts';
import type { Random } from '../random.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

const load = { clients: 64, carts: 200, pause: 250 };
const frozen = 20_000; // ms
const notReady = 5_000; // ms

type Scene = {
  readonly server: EventStoreServer;
  readonly prober: Prober;
  readonly random: Random;
};

type Misfortune = {
  readonly name: string;
  readonly title: string;
  readonly rounds: Scenario['rounds'];
  /** What it does to the server, once. Answers how many subscriptions, connections or processes that hit. */
  readonly befall: (scene: Scene) => Promise<number>;
  /** Whether clients must notice: some request is then sent again. */
  readonly isNoticed: boolean;
};

const misfortunes: readonly Misfortune[] = [
  {
    name: 'kill',
    title: 'kills the EventStoreDB protocol facade at random moments',
    rounds: { short: 3, long: 20 },
    befall: killServer,
    isNoticed: true,
  },
  {
    name: 'swallow',
    title: 'loses the facade’s answers to appends it has committed',
    rounds: { short: 2, long: 20 },
    befall: swallow,
    isNoticed: true,
  },
  {
    name: 'freeze',
    title: 'freezes the facade for 20 s',
    rounds: { short: 1, long: 5 },
    befall: freeze,
    isNoticed: true,
  },
  {
    name: 'not-ready',
    title: 'lets the facade say for 5 s that it is not ready',
    rounds: { short: 1, long: 10 },
    befall: beNotReady,
    isNoticed: true,
  },
  {
    name: 'reset',
    title: 'resets all connections of the facade',
    rounds: { short: 5, long: 50 },
    befall: reset,
    isNoticed: true,
  },
  {
    name: 'slow',
    title: 'drops the live subscriptions of projector and control as too slow',
    rounds: { short: 10, long: 50 },
    befall: dropSlow,
    isNoticed: false,
  },
];

/** Each: 64 clients change 200 carts that are kept in the facade, which misbehaves. The processes are never started again. */
export const eventStoreDb: readonly Scenario[] = misfortunes.map((misfortune) => ({
  name: `eventstoredb-${misfortune.name}`,
  title: misfortune.title,
  rounds: misfortune.rounds,
  limit: (rounds) => 180_000 + rounds * 90_000,
  run: (run) => suffer(run, misfortune),
}));

async function suffer(
  { random, rounds, folder, defer, onRound }: Run,
  { befall, isNoticed }: Misfortune,
): Promise<Outcome> {
  const server = await EventStoreServer.start(folder, defer);
  const system = await System.start(folder, { apis: 2, eventStore: server.url }, defer);
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const prober = await Prober.start(system, random.fork());
  let hits = 0;
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(random.between(200, 1_500));
    hits += await befall({ server, prober, random });
    await prober.accepted();
    onRound(round, rounds);
  }
  // Few commands come through while it misbehaves: a verdict on them would say little.
  while (shoppers.facts.commands < load.carts) await sleep(50);
  await shoppers.stop();
  await system.ready();
  const { facts, differences } = await verdict(system, shoppers);
  const idle = hits < rounds || (isNoticed && shoppers.facts.retries === 0);
  return {
    facts: { rounds, hits, ...prober.facts, ...facts },
    differences: [
      ...prober.differences,
      ...differences,
      ...endedIn(system),
      ...(idle ? ['it was not noticed'] : []),
    ],
  };
}

/** Everything must recover without being started again. */
const endedIn = ({ processes }: System): readonly string[] =>
  processes.filter(({ isRunning }) => !isRunning).map(({ name, stderr }) => `${name} ended. ${stderr}`);

async function killServer({ server, random }: Scene): Promise<number> {
  await server.kill();
  await sleep(random.below(1_000));
  await server.start();
  return 1;
}

async function swallow({ server, prober, random }: Scene): Promise<number> {
  const appends = random.between(1, load.clients);
  await server.misbehave({ kind: 'swallow', appends });
  await prober.accepted();
  return appends;
}

/** While it is frozen, commands are refused before long, and views are shown as ever. */
async function freeze({ server, prober }: Scene): Promise<number> {
  await server.misbehave({ kind: 'freeze', ms: frozen });
  let isFrozen = true;
  const thaw = sleep(frozen).then(() => (isFrozen = false));
  await prober.refused(/did not answer within/);
  await prober.reads(false);
  if (!isFrozen) prober.note(['no command was refused before the server had thawed']);
  await thaw;
  return 1;
}

async function beNotReady({ server, prober }: Scene): Promise<number> {
  await server.misbehave({ kind: 'not-ready', ms: notReady });
  await prober.refused(/is starting and not ready yet/);
  await prober.reads(false);
  await sleep(notReady);
  return 1;
}

async function reset({ server }: Scene): Promise<number> {
  return await server.misbehave({ kind: 'reset' });
}

/** Both at the same moment: before, each must have come back live. */
async function dropSlow({ server }: Scene): Promise<number> {
  const followers = 2;
  for (;;) {
    const hit = await server.misbehave({ kind: 'drop-slow' });
    if (hit >= followers) return 1;
    await sleep(400);
  }
}
