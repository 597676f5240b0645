import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RebuildJob, Rebuilt, Target } from '../rebuild/rebuilders.ts';
import type { Figure, Result, Side } from '../report/result.ts';
import type { Settings } from '../settings.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

const eventsOf = ({ quick }: Settings): number => (quick ? 100_000 : 1_000_000);
/** Written and rebuilt a second, about. */
const writeRate = 20;
const rebuildRate = 40;

const sink = 'null sink';
const embedded = 'embedded read store';
const script = fileURLToPath(new URL('../rebuild/rebuilders.js', import.meta.url));

const about =
  'A log of 60 days in an embedded event store: 20,000 carts in use at once, some 11 events in each, 60 % of them guests’, 35 % of ' +
  'what is done in them updates and removals, guests who sign in, checkouts, and carts that expired long ago, which a rebuild ' +
  'leaves out. Each rebuild is a process of its own that fills an empty generation up to the end of the log, as cartage rebuild ' +
  'does. The null sink takes every view and keeps none: what the log, the fold and their memory cost. Memory: peak of RssAnon in ' +
  '/proc, so without the pages of mapped files.';

export const rebuild: Scenario = {
  name: 'rebuild',
  title: 'filling a read store from a log of a million events, against a sink that keeps nothing',
  estimate: (settings) =>
    eventsOf(settings) / writeRate + (2 * settings.rounds * eventsOf(settings)) / rebuildRate,
  run: async (bench) => {
    const { settings, folder, progress } = bench;
    const log = join(folder, 'log');
    const events = eventsOf(settings);
    await progress.during(`writing ${events} events`, events / writeRate, () =>
      runRebuilder(bench, { do: 'write', log, events, seed: settings.seed }),
    );
    const sides = [sink, embedded].map((name) => ({ name, side: name }));
    const measured = await interleaved(bench, sides, async (side, round) => {
      const views = join(folder, `views-${round}`);
      const target: Target = side === sink ? { kind: 'null' } : { kind: 'embedded', folder: views };
      const rebuilt = await runRebuilder(bench, { do: 'rebuild', log, target });
      await rm(views, { recursive: true, force: true });
      return rebuilt;
    });
    return resultOf(events, measured);
  },
};

/** In a process of its own, whose memory and garbage are no other's. */
export async function runRebuilder({ processes }: Bench, job: RebuildJob): Promise<Rebuilt> {
  const program = processes.start({ name: 'The rebuilder', script });
  try {
    return await program.ask<Rebuilt>(job);
  } finally {
    await program.stop();
  }
}

function resultOf(events: number, measured: ReadonlyMap<string, readonly Rebuilt[]>): Result {
  const roundsOf = (name: string): readonly Rebuilt[] => measured.get(name) ?? [];
  const sides = [sink, embedded].map((name) => sideOf(name, roundsOf(name)));
  const [none, ours] = sides;
  const into = roundsOf(embedded);
  const figures: Figure[] = [
    ...(none && ours ? ratiosOf(none, ours) : []),
    {
      name: 'writes per event',
      unit: '',
      value: spreadOf(into.map(({ written, events: folded }) => written / folded)),
      target: { atMost: 0.15 },
    },
    {
      name: `peak memory, ${events} events`,
      unit: 'MiB',
      value: spreadOf(into.map(({ megabytes }) => megabytes)),
      target: { atMost: 600 },
    },
  ];
  return { scenario: rebuild.name, about, unit: 'events/s', sides, figures };
}

/** By the clock, and by processor time, which says the same on a machine that is busy with other things. */
const ratiosOf = (none: Side, ours: Side): readonly Figure[] => [
  {
    name: `${embedded} ÷ ${sink}`,
    unit: '',
    value: ratioOf(ours.rate, none.rate),
    target: { atLeast: 0.75 },
  },
  ...(none.cpu && ours.cpu
    ? [{ name: `the same by processor time`, unit: '' as const, value: ratioOf(none.cpu, ours.cpu) }]
    : []),
];

const sideOf = (name: string, rounds: readonly Rebuilt[]): Side => ({
  name,
  ours: name !== sink,
  rate: spreadOf(rounds.map(({ events, seconds }) => events / seconds)),
  cpu: spreadOf(rounds.map(({ events, cpu }) => cpu / events)),
});
