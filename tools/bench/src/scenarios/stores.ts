import { fileURLToPath } from 'node:url';
import type { Started } from '../processes.ts';
import type { Figure, Side } from '../report/result.ts';
import type { Units } from '../stores/bare.ts';
import { type MeasuredEngine, withEngines } from '../stores/engines.ts';
import type { AdapterJob, BareJob, Calls, ClientSetting, Replies } from '../stores/protocol.ts';
import type { Done } from '../stores/work.ts';
import type { Settings } from '../settings.ts';
import { ratioOf, type Spread, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

const startUp = 40_000;
const cartsOf = ({ quick }: Settings): number => (quick ? 2_000 : 10_000);
const generations = { ours: `bench_${process.pid}_ours`, bare: `bench_${process.pid}_bare` };
const works = ['write', 'read'] as const;

const about =
  'Carts of a shop’s log, as a projector writes and an API reads them: fenced puts of 2,000 views, each newer than the stored one, one put ' +
  'after the other; and 100 gets at once, each answered before the next. The bare driver is set up as the adapter sets it up and ' +
  'does the same with the same rows, JSON included where rows hold it, but without a put’s end to wait for: the same statements or ' +
  'commands, as many at once (Cassandra: 200 inserts, 100 selects; DynamoDB: 32 conditional puts, a BatchGetItem of 100; MongoDB: ' +
  'updates of 1,000, a find of 100 ids). Each has a process and tables of its own; before the clock runs, the adapter reads the same ' +
  'views from both. A Cassandra that was started for this has its own default of commitlog_sync, periodic. CPU is the client ' +
  'process’s; bytes are those it sends and receives for a cart.';

export const stores: Scenario = {
  name: 'stores',
  title: 'writes and point reads of Cassandra, DynamoDB and MongoDB, against their bare drivers',
  estimate: ({ rounds, window, warmUp }) => startUp + 12 * (warmUp + rounds * window),
  run: async (bench) =>
    await withEngines(bench.folder, async (found) => {
      const contests: Contest[] = [];
      for (const engine of found.engines)
        contests.push(
          await bench.progress.during(`filling ${engine.label}`, startUp / 3, () => contestOf(bench, engine)),
        );
      const pairs = contests.flatMap(pairsOf);
      await measure(bench, pairs);
      for (const { bare } of contests)
        await ask(bare, { do: 'drop', generations: Object.values(generations) });
      return {
        scenario: stores.name,
        about: found.about + about,
        unit: 'carts/s',
        sides: pairs.flatMap(({ bare, ours }) => [sideOf(bare), sideOf(ours)]),
        figures: [...pairs.flatMap(ratiosOf), ...contests.flatMap(unitsOf)],
      };
    }),
};

/** The two programs that work on one engine. */
type Contest = {
  readonly engine: MeasuredEngine;
  readonly ours: Started;
  readonly bare: Started;
  readonly calls: Calls;
  readonly units: Units | null;
};

const ask = <Job extends AdapterJob | BareJob>(program: Started, job: Job): Promise<Replies[Job['do']]> =>
  program.ask<Replies[Job['do']]>(job);

async function contestOf({ processes, settings }: Bench, engine: MeasuredEngine): Promise<Contest> {
  const start = (script: string, generation: string): Started => {
    const setting: ClientSetting = { engine: engine.name, url: engine.url, generation };
    return processes.start({
      name: `The ${script} of ${engine.label}`,
      script: fileURLToPath(new URL(`../stores/${script}.js`, import.meta.url)),
      args: [JSON.stringify(setting)],
    });
  };
  const ours = start('adapter-client', generations.ours);
  const { carts } = await ask(ours, {
    do: 'load',
    carts: cartsOf(settings),
    seed: settings.seed,
    warmUp: settings.warmUp,
  });
  const bare = start('bare-client', generations.bare);
  await ask(bare, { do: 'load', from: generations.ours });
  await ask(bare, { do: 'seed' });
  const { same } = await ask(bare, { do: 'compare', with: generations.ours });
  if (same !== carts)
    throw new Error(`Of ${carts} carts in ${engine.label}, the bare driver wrote ${same} as they are.`);
  // As the adapter's program did when it loaded: V8 compiles what is used.
  for (const work of works) await ask(bare, { do: work, milliseconds: settings.warmUp });
  return {
    engine,
    ours,
    bare,
    calls: await ask(ours, { do: 'calls' }),
    units: await ask(bare, { do: 'units' }),
  };
}

/** A program at one kind of work, and what it did in each round. */
type Runner = {
  readonly name: string;
  readonly program: Started;
  readonly work: (typeof works)[number];
  /** Requests for a cart, where they were counted: then it is the adapter. */
  readonly calls?: number;
  readonly rounds: Done[];
};

/** The bare driver and the adapter at the same work. */
type Pair = { readonly name: string; readonly bare: Runner; readonly ours: Runner };

const pairsOf = ({ engine: { label }, ours, bare, calls }: Contest): readonly Pair[] =>
  works.map((work) => {
    const name = `${label}, ${work}s`;
    return {
      name,
      bare: { name: `${name}, bare driver`, program: bare, work, rounds: [] },
      ours: { name: `${name}, Cartage`, program: ours, work, calls: calls[work], rounds: [] },
    };
  });

async function measure(bench: Bench, pairs: readonly Pair[]): Promise<void> {
  const { settings, progress } = bench;
  const sides = pairs.flatMap(({ bare, ours }) => [bare, ours]).map((side) => ({ name: side.name, side }));
  const run = ({ program, work }: Runner, milliseconds: number) => ask(program, { do: work, milliseconds });
  for (const { name, side } of sides)
    await progress.during(`warming up ${name}`, settings.warmUp, () => run(side, settings.warmUp));
  const measured = await interleaved(bench, sides, (side) => run(side, settings.window));
  for (const [side, rounds] of measured) side.rounds.push(...rounds);
}

const sideOf = ({ name, rounds, calls }: Runner): Side => ({
  name,
  ours: calls !== undefined,
  rate: rateOf(rounds),
  cpu: cpuOf(rounds),
  ...(calls !== undefined && { calls }),
  bytes: spreadOf(rounds.map(({ bytes, carts }) => bytes / carts)).median,
});

/** By the clock, and by the client's processor time: where the engine is what is slow, the clock does not tell the clients apart. */
const ratiosOf = ({ name, bare, ours }: Pair): readonly Figure[] => [
  {
    name: `${name} ÷ bare driver`,
    unit: '',
    value: ratioOf(rateOf(ours.rounds), rateOf(bare.rounds)),
    target: { atLeast: 0.8 },
  },
  { name: 'the same by processor time', unit: '', value: ratioOf(cpuOf(bare.rounds), cpuOf(ours.rounds)) },
];

const rateOf = (rounds: readonly Done[]): Spread =>
  spreadOf(rounds.map(({ carts, seconds }) => carts / seconds));
const cpuOf = (rounds: readonly Done[]): Spread => spreadOf(rounds.map(({ cpu, carts }) => cpu / carts));

const unitsOf = ({ engine: { label }, units }: Contest): readonly Figure[] =>
  units === null
    ? []
    : works.map((work) => ({
        name: `${label}, capacity units a ${work}`,
        unit: '' as const,
        value: spreadOf([units[work]]),
      }));
