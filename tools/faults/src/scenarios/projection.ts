import { setTimeout as sleep } from 'node:timers/promises';
import { cartOfStream } from '@cartage/cart';
import { cartsCheckpoint } from '@cartage/projection';
import type { Random } from '../random.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import { ViewWatcher } from '../view-watcher.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

const load = { clients: 32, carts: 100, pause: 60 };

export const projection: Scenario = {
  name: 'projection',
  title: 'kills and freezes two projectors of one store, and repeats events, while a reader polls every view',
  rounds: { short: 4, long: 40 },
  limit: (rounds) => 120_000 + rounds * 30_000,
  run: project,
};

async function project({ random, rounds, folder, defer, onRound }: Run): Promise<Outcome> {
  const system = await System.start(folder, { projectors: 2 }, defer);
  const shoppers = new Shoppers(system.urls, load, random.fork());
  await shoppers.start();
  const watcher = new ViewWatcher(system.views, [...shoppers.account.lines.keys()]);
  let written = 0;
  // What the scenario is there for must have happened, be it in a later round.
  for (let round = 1; round <= rounds || (written === 0 && round <= 4 * rounds); round += 1) {
    await sleep(random.between(50, 500));
    const disturb = round % 2 === 1 ? freezeOneKillOther : killBothAndGoBack;
    written += (await disturb(system, random)) ? 1 : 0;
    onRound(Math.min(round, rounds), rounds);
  }
  await shoppers.stop();
  const { facts, differences } = await verdict(system, shoppers);
  await watcher.stop();
  const never = written > 0 ? [] : ['no kill came between a write and its checkpoint'];
  return {
    facts: { rounds, killedBetweenWriteAndCheckpoint: written, ...watcher.facts, ...facts },
    differences: [...differences, ...watcher.differences, ...never],
  };
}

/** The one that was frozen comes back with views that are seconds old. Answers whether the kill came before a checkpoint. */
async function freezeOneKillOther(system: System, random: Random): Promise<boolean> {
  const [first, second] = random.below(2) === 0 ? system.projectors : [...system.projectors].reverse();
  if (!first || !second) throw new RangeError('There must be two projectors.');
  second.freeze();
  await sleep(random.below(300));
  await first.kill();
  const between = await isAheadOfCheckpoint(system);
  first.launch();
  await sleep(random.between(500, 3_000));
  // It may hold the store's lock: the other need not become ready before it goes on.
  second.resume();
  await Promise.all([first.ready(), second.ready()]);
  return between;
}

/** Both begin again somewhere before: what they project is delivered twice. */
async function killBothAndGoBack(system: System, random: Random): Promise<boolean> {
  await Promise.all(system.projectors.map((projector) => projector.kill()));
  const between = await isAheadOfCheckpoint(system);
  const head = await system.events.head();
  await system.views.saveCheckpoint(cartsCheckpoint, BigInt(random.below(Number(head))));
  await Promise.all(system.projectors.map((projector) => projector.start()));
  return between;
}

/** Whether a view is stored whose event the checkpoint does not cover yet. */
async function isAheadOfCheckpoint({ events, views }: System): Promise<boolean> {
  const checkpoint = (await views.checkpoints()).get(cartsCheckpoint);
  const uncovered = new Map<string, number>();
  for await (const batch of events.follow(checkpoint)) {
    for (const { stream, revision } of batch.events) {
      const id = cartOfStream(stream);
      if (id !== undefined && !uncovered.has(id)) uncovered.set(id, revision);
    }
    if (batch.caughtUp) break;
  }
  const ids = [...uncovered.keys()];
  const stored = await views.getMany(ids);
  return ids.some((id, at) => (stored[at]?.revision ?? -1) >= (uncovered.get(id) ?? Infinity));
}
