import type { LoadGenerator } from '../load/load-generator.ts';
import type { Loaded } from '../load/protocol.ts';
import type { Level, Result } from '../report/result.ts';
import { elsewhereOf } from './throughput.ts';
import { cartage, startShop } from '../servers/cartage.ts';
import type { Server } from '../servers/server.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

const shares = [0.25, 0.5, 0.75, 0.9];
const startUp = 4_000;
const lanes = 256;
const target = { atMost: 25 };

/** What shoppers feel at a part of what the system can do, projector and all. */
export const latency: Scenario = {
  name: 'latency',
  title: 'open loop at 25, 50, 75 and 90 % of the capacity',
  estimate: ({ rounds, window, warmUp }) => startUp + warmUp + (1 + shares.length) * rounds * window,
  run: async (bench) => {
    const { settings, progress } = bench;
    const { api, generator } = await progress.during('starting the servers', startUp, () =>
      startShop(bench, true),
    );
    await progress.during('warming up', settings.warmUp, () =>
      closed(bench, generator, api, settings.warmUp),
    );
    const capacityRounds = await interleaved(bench, [{ name: 'capacity', side: api }], (server) =>
      closed(bench, generator, server, settings.window),
    );
    const capacity = spreadOf((capacityRounds.get(api) ?? []).map(rateOf));
    const sides = shares.map((share) => ({ name: `${share * 100} %`, side: share }));
    const measured = await interleaved(bench, sides, (share, round) =>
      generator.load({
        ...api,
        plan: 'mixed',
        seed: settings.seed + 100 + round,
        connections: lanes,
        milliseconds: settings.window,
        rate: share * capacity.median,
      }),
    );
    return resultOf(capacity, measured);
  },
};

async function closed(
  { settings: { seed, connections } }: Bench,
  generator: LoadGenerator,
  api: Server,
  milliseconds: number,
): Promise<Loaded> {
  return await generator.load({ ...api, plan: 'mixed', seed, connections, milliseconds });
}

const rateOf = ({ tally }: Loaded): number => tally.answers / tally.seconds;

function resultOf(capacity: Spread, measured: ReadonlyMap<number, readonly Loaded[]>): Result {
  const levels = [...measured].map(([share, rounds]) => levelOf(share, share * capacity.median, rounds));
  const aimed = levels.find(({ share }) => share === 0.75);
  return {
    scenario: latency.name,
    about:
      'API and projector, carts by Zipf (0.99), 3 reads : 1 write, 35 % of the writes changes and removals. Capacity in closed ' +
      'loop; then open loop, Poisson arrivals, latency from the intended send time.',
    unit: 'requests/s',
    sides: [{ name: cartage, ours: true, rate: capacity }],
    figures: aimed ? [{ name: 'p99.9 at 75 % of capacity', unit: 'ms', value: aimed.p999, target }] : [],
    levels,
  };
}

function levelOf(share: number, offered: number, rounds: readonly Loaded[]): Level {
  const spread = (of: (loaded: Loaded) => number) => spreadOf(rounds.map(of));
  return {
    share,
    offered,
    rate: spread(rateOf),
    p50: spread(({ tally }) => tally.latency.p50),
    p99: spread(({ tally }) => tally.latency.p99),
    p999: spread(({ tally }) => tally.latency.p999),
    max: spread(({ tally }) => tally.latency.max),
    sentLate: spread(({ tally }) => tally.sentLate.p99),
    ...elsewhereOf(rounds),
    unanswered: rounds.reduce((sum, { tally }) => sum + tally.unanswered, 0),
    refused: rounds
      .flatMap(({ tally }) => Object.values(tally.failures))
      .reduce((sum, count) => sum + count, 0),
  };
}
