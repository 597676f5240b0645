import type { LoadGenerator } from '../load/load-generator.ts';
import type { Loaded } from '../load/protocol.ts';
import type { Tally } from '../load/tally.ts';
import type { Plan } from '../load/traffic.ts';
import type { Figure, Result, Side, Target } from '../report/result.ts';
import { cartage, startShop } from '../servers/cartage.ts';
import { checkSameAnswers } from '../servers/opponents.ts';
import { type Server, type ServerProgram, startServer } from '../servers/server.ts';
import { ratioOf, type Spread, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

export type Throughput = {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly plan: Plan;
  /** Whether a projector keeps the read store current meanwhile. */
  readonly projected: boolean;
  readonly opponents: readonly { readonly program: ServerProgram; readonly target?: Target }[];
  /** What Cartage is called in the ratios. */
  readonly subject: string;
};

const startUp = 4_000;

/** Cartage against servers that do less, in closed loop: the same requests, the same generator, a core each. */
export const throughput = (options: Throughput): Scenario => ({
  name: options.name,
  title: options.title,
  estimate: ({ rounds, window, warmUp }) =>
    startUp + (1 + options.opponents.length) * (warmUp + rounds * window),
  run: async (bench) => await measure(options, bench),
});

async function measure(options: Throughput, bench: Bench): Promise<Result> {
  const contest = await bench.progress.during('starting the servers', startUp, () => start(options, bench));
  return await compare(options, bench, contest);
}

/** Servers that answer the same requests, Cartage among them, and what sends these. */
export type Contest = { readonly servers: readonly Server[]; readonly generator: LoadGenerator };

/** Measures the servers in turn. */
export async function compare(
  options: Pick<Throughput, 'name' | 'about' | 'plan' | 'opponents' | 'subject'>,
  bench: Bench,
  { servers, generator }: Contest,
): Promise<Result> {
  const { settings, progress } = bench;
  const load = (server: Server, seed: number, milliseconds: number) =>
    generator.loadAccepted({
      ...server,
      plan: options.plan,
      seed,
      connections: settings.connections,
      milliseconds,
    });
  const sides = servers.map((server) => ({ name: server.name, side: server }));
  for (const { name, side } of sides)
    await progress.during(`warming up ${name}`, settings.warmUp, () =>
      load(side, settings.seed, settings.warmUp),
    );
  const measured = await interleaved(bench, sides, (server, round) =>
    load(server, settings.seed + 1 + round, settings.window),
  );
  return resultOf(
    options,
    [...measured].map(([server, rounds]) => sideOf(server.name, rounds)),
  );
}

async function start({ opponents, projected }: Throughput, bench: Bench): Promise<Contest> {
  const { api, generator } = await startShop(bench, projected);
  const others: Server[] = [];
  for (const { program } of opponents) others.push(await startServer(bench.processes, program));
  await checkSameAnswers(others);
  return { servers: [api, ...others], generator };
}

function sideOf(name: string, rounds: readonly Loaded[]): Side {
  const sum = (of: (loaded: Loaded) => number) => rounds.reduce((total, round) => total + of(round), 0);
  return {
    name,
    ours: name === cartage,
    rate: spreadOf(rounds.map(({ tally }) => tally.answers / tally.seconds)),
    ...cpuOf(rounds),
    ...elsewhereOf(rounds),
    generator: spreadOf(rounds.map(({ tally, cpu: { generator } }) => processors(generator, tally))),
    bodyBytes: Math.round(sum(({ tally }) => tally.bodyBytes) / sum(({ tally }) => tally.answers)),
  };
}

/** Of the server, µs an answer; absent where processor time cannot be read. */
export function cpuOf(rounds: readonly Loaded[]): { readonly cpu?: Spread } {
  const used = rounds.flatMap(({ tally, cpu: { server } }) =>
    server === undefined ? [] : [server / tally.answers],
  );
  return used.length > 0 ? { cpu: spreadOf(used) } : {};
}

/** Absent where processor time cannot be read. */
export function elsewhereOf(rounds: readonly Loaded[]): { readonly elsewhere?: Spread } {
  const used = rounds.flatMap(({ tally, cpu: { elsewhere } }) =>
    elsewhere === undefined ? [] : [processors(elsewhere, tally)],
  );
  return used.length > 0 ? { elsewhere: spreadOf(used) } : {};
}

const processors = (microseconds: number, { seconds }: Tally): number => microseconds / seconds / 1e6;

function resultOf(
  { name, about, opponents, subject }: Parameters<typeof compare>[0],
  sides: readonly Side[],
): Result {
  const own = sides.find(({ ours }) => ours);
  const figures = opponents.flatMap(({ program, target }): Figure[] => {
    const other = sides.find((side) => side.name === program.name);
    if (!own || !other) return [];
    return [
      {
        name: `${subject} ÷ ${program.name}`,
        unit: '',
        value: ratioOf(own.rate, other.rate),
        ...(target && { target }),
      },
    ];
  });
  return { scenario: name, about, unit: 'requests/s', sides, figures };
}
