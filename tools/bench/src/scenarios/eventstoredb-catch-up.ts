import { fileURLToPath } from 'node:url';
import { streamOf } from '@cartage/cart';
import type { CaughtUp, Follower } from '../eventstoredb/catching-up.ts';
import { cartOfShopper, historyOf, writeHistories } from '../eventstoredb/history.ts';
import { type EventStoreDb, withEventStoreDb } from '../eventstoredb/server.ts';
import type { Figure, Result, Side } from '../report/result.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

const eventsPerCart = 50;
const startUp = 20_000;

const sides: readonly { readonly name: string; readonly side: Follower }[] = [
  { name: 'the driver’s subscription, bare', side: 'subscribe' },
  { name: 'the event store’s follow', side: 'follow' },
  { name: 'the projection engine into a store that forgets', side: 'project' },
];

export const eventStoreDbCatchUp: Scenario = {
  name: 'eventstoredb-catch-up',
  title: 'catching up with EventStoreDB in the projection engine, against a bare subscription',
  estimate: ({ rounds, window }) => startUp + sides.length * (rounds + 1) * window,
  run: async (bench) => await withEventStoreDb(bench, (server) => measure(bench, server)),
};

async function measure(bench: Bench, { url, name, store }: EventStoreDb): Promise<Result> {
  const { progress, processes, settings } = bench;
  await progress.during('filling the log', startUp, () => fill(bench, { store }));
  const end = String(await store.head());
  const script = fileURLToPath(new URL('../eventstoredb/catching-up.js', import.meta.url));
  const program = processes.start({ name: 'The follower', script, args: [url] });
  const run = (follower: Follower) => program.ask<CaughtUp>({ follower, end });
  for (const side of sides)
    await progress.during(`warming up ${side.name}`, settings.window, () => run(side.side));
  const measured = await interleaved(bench, sides, run);
  const counts = new Set([...measured.values()].flat().map(({ events }) => events));
  if (counts.size !== 1) throw new Error(`They saw other numbers of events: ${[...counts].join(', ')}.`);
  return resultOf(name, [...counts][0] ?? 0, measured);
}

async function fill({ settings }: Bench, { store }: Pick<EventStoreDb, 'store'>): Promise<void> {
  const run = `bench-${Date.now().toString(36)}`;
  const carts = Array.from({ length: settings.shoppers }, (_, number) => cartOfShopper(run, number));
  await writeHistories(store, new Map(carts.map((id) => [streamOf(id), historyOf(id, eventsPerCart)])));
}

function resultOf(
  server: string,
  events: number,
  measured: ReadonlyMap<Follower, readonly CaughtUp[]>,
): Result {
  const sideOf = (follower: Follower, name: string): Side => {
    const rounds = measured.get(follower) ?? [];
    return {
      name,
      ours: follower !== 'subscribe',
      rate: spreadOf(rounds.map(({ events: count, seconds }) => count / seconds)),
      cpu: spreadOf(rounds.map(({ events: count, cpu }) => cpu / count)),
    };
  };
  const [bare, ...ours] = sides.map(({ side, name }) => sideOf(side, name));
  const figures = ours.map((side): Figure => {
    const isEngine = side.name === sides.at(-1)?.name;
    return {
      name: `${side.name} ÷ bare`,
      unit: '',
      value: ratioOf(side.rate, bare?.rate ?? side.rate),
      ...(isEngine && { target: { atLeast: 0.8 } }),
    };
  });
  return {
    scenario: eventStoreDbCatchUp.name,
    about:
      `Against ${server}. ${events} events of carts, ${eventsPerCart} each and mixed as they are in use, are taken in from the ` +
      'beginning by one process; the connection is part of it. Bare: a filtered subscription of the driver, counted and dropped. ' +
      'The engine folds every event and hands every view to a store that keeps nothing.',
    unit: 'events/s',
    sides: [...(bare ? [bare] : []), ...ours],
    figures,
  };
}
