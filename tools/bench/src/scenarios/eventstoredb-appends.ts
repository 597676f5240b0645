import { fileURLToPath } from 'node:url';
import type { Written } from '../appends/writers.ts';
import { type EventStoreDb, withEventStoreDb } from '../eventstoredb/server.ts';
import type { Figure, Result } from '../report/result.ts';
import { spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

const warmUp = 500;
const sides = [1, 16, 64].map((writers) => ({
  name: writers === 1 ? '1 writer' : `${writers} writers`,
  side: writers,
}));

export const eventStoreDbAppends: Scenario = {
  name: 'eventstoredb-appends',
  title: 'how long an append to EventStoreDB takes with 1, 16 and 64 writers',
  estimate: ({ rounds, window }) => sides.length * (warmUp + rounds * window),
  run: async (bench) => await withEventStoreDb(bench, (server) => measure(bench, server)),
};

async function measure(bench: Bench, { url, name: server }: EventStoreDb): Promise<Result> {
  const { progress, processes, settings } = bench;
  const script = fileURLToPath(new URL('../appends/writers.js', import.meta.url));
  const program = processes.start({ name: 'The writer', script, args: ['eventstoredb', url] });
  const write = (writers: number, milliseconds: number) => program.ask<Written>({ writers, milliseconds });
  for (const { name, side } of sides)
    await progress.during(`warming up ${name}`, warmUp, () => write(side, warmUp));
  const measured = await interleaved(bench, sides, (writers) => write(writers, settings.window));
  const found = sides.map(({ name, side }) => ({ name, rounds: measured.get(side) ?? [] }));
  return {
    scenario: eventStoreDbAppends.name,
    about:
      `Against ${server}. Each writer appends one event at a time to a stream of its own under an expected revision and waits ` +
      'for the acknowledgement.',
    unit: 'appends/s',
    sides: found.map(({ name, rounds }) => ({
      name,
      ours: true,
      rate: spreadOf(rounds.map(({ appends, seconds }) => appends / seconds)),
      cpu: spreadOf(rounds.map(({ appends, cpu }) => cpu / appends)),
    })),
    figures: found.flatMap(({ name, rounds }) => (['p50', 'p99'] as const).map(figureOf(name, rounds))),
  };
}

const figureOf =
  (name: string, rounds: readonly Written[]) =>
  (quantile: 'p50' | 'p99'): Figure => ({
    name: `${name}, ${quantile}`,
    unit: 'ms',
    value: spreadOf(rounds.map(({ latency }) => latency[quantile])),
  });
