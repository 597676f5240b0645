import { setTimeout as sleep } from 'node:timers/promises';
import type { Process } from '../processes.ts';
import type { Random } from '../random.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import type { Run, Outcome, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

const load = { clients: 64, carts: 200, pause: 250 };

export const durability: Scenario = {
  name: 'durability',
  title: 'kills APIs, projector and control at random moments while 64 clients change 200 carts',
  rounds: { short: 3, long: 20 },
  limit: (rounds) => 120_000 + rounds * 20_000,
  run: durable,
};

async function durable({ random, rounds, folder, defer, onRound }: Run): Promise<Outcome> {
  const system = await System.start(folder, { apis: 2 }, defer);
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const killed = new Map<string, number>();
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(random.between(200, 1_500));
    const victims = victimsOf(system, random);
    await Promise.all(victims.map((process) => process.kill()));
    for (const { name } of victims) killed.set(name, (killed.get(name) ?? 0) + 1);
    await sleep(random.below(800));
    await Promise.all(victims.map((process) => process.start()));
    onRound(round, rounds);
  }
  await shoppers.stop();
  const { facts, differences } = await verdict(system, shoppers);
  return { facts: { rounds, ...Object.fromEntries(killed), ...facts }, differences };
}

/** Mostly one process, now and then all of them at once, as when a machine loses its power. */
function victimsOf({ processes }: System, random: Random): readonly Process[] {
  return random.below(5) === 0 ? processes : [random.pick(processes)];
}
