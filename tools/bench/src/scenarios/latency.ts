import type { LoadGenerator } from '../load/load-generator.ts';
import type { Loaded } from '../load/protocol.ts';
import type { Figure, Level, Result, Side } from '../report/result.ts';
import { cartage, startShop } from '../servers/cartage.ts';
import { bareHttp, nestFastify } from '../servers/opponents.ts';
import { type Server, startServer } from '../servers/server.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';
import { cpuOf, elsewhereOf } from './throughput.ts';

const shares = [0.25, 0.5, 0.75, 0.9];
/** The part of its own capacity that a server which does nothing is held to as well: what the machine and the generator add. */
const compared = 0.75;
const opponents = [nestFastify, bareHttp];
const startUp = 4_000;
const lanes = 256;
const target = { atMost: 25 };

/** What shoppers feel at a part of what the system can do, projector and all, beside servers that do nothing. */
export const latency: Scenario = {
  name: 'latency',
  title: 'open loop at 25, 50, 75 and 90 % of the capacity',
  estimate: ({ rounds, window, warmUp }) =>
    startUp + (1 + opponents.length) * (warmUp + rounds * window) + (shares.length + 2) * rounds * window,
  run: async (bench) => {
    const { api, generator } = await bench.progress.during('starting the servers', startUp, () =>
      startShop(bench, true),
    );
    const others: Server[] = [];
    for (const program of opponents) others.push(await startServer(bench.processes, program));
    const capacities = await capacitiesOf(bench, generator, [api, ...others]);
    const levels = [...capacities].flatMap(([server, { rate }]) =>
      (server === api ? shares : [compared]).map((share) => ({ server, share, rate: share * rate.median })),
    );
    const measured = await interleaved(
      bench,
      levels.map((level) => ({ name: `${level.server.name} at ${level.share * 100} %`, side: level })),
      ({ server, rate }, round) =>
        generator.load({
          ...server,
          plan: 'mixed',
          seed: bench.settings.seed + 100 + round,
          connections: lanes,
          milliseconds: bench.settings.window,
          rate,
        }),
    );
    return resultOf(
      [...capacities.values()],
      [...measured].map(([level, rounds]) => levelOf(level, rounds)),
    );
  },
};

/** In closed loop, after each has warmed up. */
async function capacitiesOf(
  bench: Bench,
  generator: LoadGenerator,
  servers: readonly Server[],
): Promise<ReadonlyMap<Server, Side>> {
  const { seed, connections, warmUp, window } = bench.settings;
  const closed = (server: Server, milliseconds: number): Promise<Loaded> =>
    generator.load({ ...server, plan: 'mixed', seed, connections, milliseconds });
  for (const server of servers)
    await bench.progress.during(`warming up ${server.name}`, warmUp, () => closed(server, warmUp));
  const rounds = await interleaved(
    bench,
    servers.map((side) => ({ name: `capacity of ${side.name}`, side })),
    (server) => closed(server, window),
  );
  return new Map(
    [...rounds].map(([server, loads]) => [
      server,
      {
        name: server.name,
        ours: server.name === cartage,
        rate: spreadOf(loads.map(rateOf)),
        ...cpuOf(loads),
      },
    ]),
  );
}

const rateOf = ({ tally }: Loaded): number => tally.answers / tally.seconds;

function resultOf(sides: readonly Side[], levels: readonly Level[]): Result {
  const figures = levels
    .filter(({ share }) => share === compared)
    .map(({ server, p999 }): Figure => {
      const figure = { name: `p99.9 at 75 % of capacity, ${server}`, unit: 'ms', value: p999 } as const;
      return server === cartage ? { ...figure, target } : figure;
    });
  return {
    scenario: latency.name,
    about:
      'API and projector, carts by Zipf (0.99), 3 reads : 1 write, 35 % of the writes changes and removals. Capacity in closed ' +
      'loop; then open loop, Poisson arrivals, latency from the intended send time. Servers that do nothing get the same requests at ' +
      '75 % of a capacity of their own: their tail is that of the machine and the generator.',
    unit: 'requests/s',
    sides,
    figures,
    levels,
  };
}

function levelOf(
  {
    server,
    share,
    rate: offered,
  }: { readonly server: Server; readonly share: number; readonly rate: number },
  rounds: readonly Loaded[],
): Level {
  const spread = (of: (loaded: Loaded) => number): Spread => spreadOf(rounds.map(of));
  return {
    server: server.name,
    share,
    offered,
    rate: spread(rateOf),
    p50: spread(({ tally }) => tally.latency.p50),
    p99: spread(({ tally }) => tally.latency.p99),
    p999: spread(({ tally }) => tally.latency.p999),
    max: spread(({ tally }) => tally.latency.max),
    sentLate: spread(({ tally }) => tally.sentLate.p99),
    ...cpuOf(rounds),
    ...elsewhereOf(rounds),
    unanswered: rounds.reduce((sum, { tally }) => sum + tally.unanswered, 0),
    refused: rounds
      .flatMap(({ tally }) => Object.values(tally.failures))
      .reduce((sum, count) => sum + count, 0),
  };
}
