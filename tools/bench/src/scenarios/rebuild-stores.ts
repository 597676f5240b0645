import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RebuildJob, Target } from '../rebuild/rebuilders.ts';
import type { Figure, Result, Side } from '../report/result.ts';
import type { Settings } from '../settings.ts';
import { ratioOf, type Spread, spreadOf } from '../statistics.ts';
import { type MeasuredEngine, withEngines } from '../stores/engines.ts';
import type { BareJob, ClientSetting, Replies } from '../stores/protocol.ts';
import { runRebuilder } from './rebuild.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

const eventsOf = ({ quick }: Settings): number => (quick ? 100_000 : 1_000_000);
const startUp = 30_000; // ms
/** Events written and rebuilt a ms, about: the slowest engine counts. */
const eventRate = 60;
const sides = 7;

const about =
  'A log as in the scenario rebuild. Each side of an engine runs once uncounted, as an engine that was just started is not yet what ' +
  'it will be. Each rebuild is a process of its own that fills an empty generation as cartage ' +
  'rebuild does. The bare driver then takes the rows that this left and writes each once into an empty table, a process of its own ' +
  'too: the same statements or commands, as many at once (Cassandra: 200 inserts; DynamoDB: 8 BatchWriteItem of 25; MongoDB: one ' +
  'update of 1,000), JSON included. A cart that is written again in a later window counts again. CPU is the client process’s, in a ' +
  'rebuild with the log and the fold. The null sink takes every view and keeps none.';

export const rebuildStores: Scenario = {
  name: 'rebuild-stores',
  title: 'filling Cassandra, DynamoDB and MongoDB from a log, against their bare drivers',
  estimate: (settings) => startUp + (eventsOf(settings) / eventRate) * sides * (1 + settings.rounds),
  run: async (bench) =>
    await withEngines(bench.folder, async ({ engines, about: against }) => {
      const { settings, folder, progress } = bench;
      const [log, events] = [join(folder, 'log'), eventsOf(settings)];
      const write: RebuildJob = { do: 'write', log, events, seed: settings.seed };
      await progress.during(`writing ${events} events`, events / eventRate, () => runRebuilder(bench, write));
      const contestants = [sink, ...engines.flatMap(contestantsOf)];
      for (const { name, run } of contestants.slice(1))
        await progress.during(`warming up ${name}`, events / eventRate, () =>
          run(bench, log, settings.rounds),
        );
      const runs = await interleaved(
        bench,
        contestants.map((side) => ({ name: side.name, side })),
        (side, round) => side.run(bench, log, round),
      );
      return resultOf(engines, contestants, runs, against);
    }),
};

/** One way to fill a store. */
type Contestant = {
  readonly name: string;
  readonly ours: boolean;
  readonly run: (bench: Bench, log: string, round: number) => Promise<Filled>;
};

/** `cpu`: of the process that filled it, µs. */
type Filled = { readonly carts: number; readonly seconds: number; readonly cpu: number };

const rebuildInto =
  (targetOf: (round: number) => Target): Contestant['run'] =>
  async (bench, log, round) => {
    const job: RebuildJob = { do: 'rebuild', log, target: targetOf(round) };
    const { written, seconds, cpu } = await runRebuilder(bench, job);
    return { carts: written, seconds, cpu };
  };

const sink: Contestant = { name: 'null sink', ours: false, run: rebuildInto(() => ({ kind: 'null' })) };

const namesOf = ({ label }: MeasuredEngine) => ({
  rebuild: `${label}, rebuild`,
  bare: `${label}, bare driver`,
});
const generationOf = (kind: 'rebuild' | 'bare', round: number): string =>
  `carts_bench_${process.pid}_${kind}_${round}`;

function contestantsOf(engine: MeasuredEngine): readonly Contestant[] {
  const { name, url } = engine;
  const placeOf = (round: number) => ({ engine: name, url, generation: generationOf('rebuild', round) });
  return [
    {
      name: namesOf(engine).rebuild,
      ours: true,
      run: rebuildInto((round) => ({ kind: 'engine', place: placeOf(round) })),
    },
    { name: namesOf(engine).bare, ours: false, run: (bench, _, round) => writeBare(bench, engine, round) },
  ];
}

/** Writes what the rebuild of this round left, and removes both. */
async function writeBare({ processes }: Bench, engine: MeasuredEngine, round: number): Promise<Filled> {
  const [rebuilt, generation] = [generationOf('rebuild', round), generationOf('bare', round)];
  const setting: ClientSetting = { engine: engine.name, url: engine.url, generation };
  const script = fileURLToPath(new URL('../stores/bare-client.js', import.meta.url));
  const name = `The bare driver of ${engine.label}`;
  const program = processes.start({ name, script, args: [JSON.stringify(setting)] });
  const ask = <Job extends BareJob>(job: Job) => program.ask<Replies[Job['do']]>(job);
  try {
    await ask({ do: 'load', from: rebuilt });
    const { carts, seconds, cpu } = await ask({ do: 'seed' });
    const { same } = await ask({ do: 'compare', with: rebuilt });
    if (same !== carts) throw new Error(`${name} wrote ${same} of ${carts} carts as they are.`);
    await ask({ do: 'drop', generations: [rebuilt, generation] });
    return { carts, seconds, cpu };
  } finally {
    await program.stop();
  }
}

function resultOf(
  engines: readonly MeasuredEngine[],
  contestants: readonly Contestant[],
  runs: ReadonlyMap<Contestant, readonly Filled[]>,
  against: string,
): Result {
  const measured = contestants.map((one) => sideOf(one, runs.get(one) ?? []));
  const find = (name: string): Side | undefined => measured.find((side) => side.name === name);
  const figures = engines.flatMap((engine): readonly Figure[] => {
    const { rebuild, bare } = namesOf(engine);
    const [none, ours, theirs] = [find(sink.name), find(rebuild), find(bare)];
    return none && ours && theirs ? ratiosOf(none.rate, ours, theirs.rate) : [];
  });
  return { scenario: rebuildStores.name, about: against + about, unit: 'carts/s', sides: measured, figures };
}

/** The second figure is 1 where log and fold, and the writes, come to the sum of both: above it, one goes on during the other. */
const ratiosOf = (none: Spread, { name, rate }: Side, bare: Spread): readonly Figure[] => [
  { name: `${name} ÷ bare driver`, unit: '', value: ratioOf(rate, bare), target: { atLeast: 0.8 } },
  {
    name: 'the same ÷ null sink and bare driver one after the other',
    unit: '',
    value: spreadOf(
      ratioOf(rate, bare).rounds.map(
        (ratio, round) => ratio + (ratioOf(rate, none).rounds[round] ?? Number.NaN),
      ),
    ),
  },
];

const sideOf = ({ name, ours }: Contestant, runs: readonly Filled[]): Side => ({
  name,
  ours,
  rate: spreadOf(runs.map(({ carts, seconds }) => carts / seconds)),
  cpu: spreadOf(runs.map(({ cpu, carts }) => cpu / carts)),
});
