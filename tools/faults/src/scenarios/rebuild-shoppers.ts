import { setTimeout as sleep } from 'node:timers/promises';
import { openReadStore, withGeneration } from '@cartage/runtime';
import { LagWatcher } from '../lag-watcher.ts';
import type { Process } from '../processes.ts';
import { quantile, quantilesOf } from '../quantile.ts';
import type { Random } from '../random.ts';
import { fill, rebuildOf, type Summary, summaryOf } from '../rebuilding.ts';
import { Shoppers } from '../shoppers.ts';
import { System } from '../system.ts';
import { type Latencies, Traffic } from '../traffic.ts';
import type { Defer, Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

/** What a rebuild has to do; of twelve events each. */
const cartsBefore = { short: 5_000, long: 150_000 };
/** Of a stretch with rebuilds, of one without, and of asking for the capacity, ms. */
const lasting = { short: 3_000, long: 20_000 };
const greedy = { clients: 64, carts: 200, pause: 1 };
/** Of what the API can do. */
const share = 0.25;
/** Where the rebuilt generations are. */
const store = 'embedded';
const shares = [0.5, 0.99, 0.999];

export const rebuildShoppers: Scenario = {
  name: 'rebuild-shoppers',
  title: 'shops at a quarter of the capacity, with rebuilds of the embedded store beside it and without',
  rounds: { short: 1, long: 6 },
  limit: (rounds) => 180_000 + rounds * 120_000,
  run: shopBesideRebuilds,
};

/** What shoppers met for a while. */
type Stretch = Latencies & {
  /** How far the store they read was behind, ms. */
  readonly lags: readonly number[];
};

async function shopBesideRebuilds(run: Run): Promise<Outcome> {
  const { random, rounds, folder, defer, onRound } = run;
  const form = run.isShort ? 'short' : 'long';
  const system = await System.start(folder, {}, defer);
  await fill(system.events, cartsBefore[form]);
  const capacity = await capacityOf(system, lasting[form], random.fork());
  await system.caughtUp();
  const rate = capacity * share;
  const traffic = await Traffic.start(system, rate, random.fork());
  const lags = LagWatcher.start(system, defer);
  const watch = async (): Promise<Stretch> => {
    traffic.take();
    lags.take();
    await sleep(lasting[form]);
    const seen = [...lags.take().values()].flat();
    return { ...traffic.take(), lags: seen.map(({ ms }) => ms) };
  };
  await watch();
  const [calm, beside]: [Stretch[], Stretch[]] = [[], []];
  const rebuilds = new Rebuilds(system, defer);
  for (let round = 1; round <= rounds; round += 1) {
    if (round % 2 === 0) beside.push(await rebuilds.beside(watch));
    calm.push(await watch());
    if (round % 2 === 1) beside.push(await rebuilds.beside(watch));
    onRound(round, rounds);
  }
  await traffic.stop();
  const { facts, differences } = await verdict(system, traffic.shoppers);
  const asked = `${Math.round(rate)} requests/s of ${Math.round(capacity)} commands/s`;
  return {
    facts: { asked, ...comparisonOf(calm, beside), ...rebuilds.facts, ...facts },
    differences: [...traffic.differences, ...differences],
  };
}

/** Commands a second when everybody sends the next as soon as he can. */
async function capacityOf(system: System, ms: number, random: Random): Promise<number> {
  let answers = 0;
  const shoppers = new Shoppers(system.urls, { ...greedy, onAnswer: () => (answers += 1) }, random);
  await shoppers.start();
  // The first half warms it up.
  await sleep(ms / 2);
  answers = 0;
  await sleep(ms / 2);
  const capacity = answers / (ms / 2000);
  await shoppers.stop();
  return capacity;
}

/** Rebuilds of one generation after the other. */
class Rebuilds {
  readonly #system: System;
  readonly #defer: Defer;
  readonly #done: Summary[] = [];
  #current: Process | undefined;
  #isOver = false;

  constructor(system: System, defer: Defer) {
    this.#system = system;
    this.#defer = defer;
  }

  /** Does it while there is always one under way; when it is done the generations are dropped. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    this.#isOver = false;
    const generations: string[] = [];
    const working = async (): Promise<T> => {
      const result = await work();
      this.#isOver = true;
      // One must have been whole: a run beside none says nothing.
      if (this.#done.length > 0) await this.#current?.kill();
      return result;
    };
    const [result] = await Promise.all([working(), this.#runAll(generations)]);
    for (const generation of generations) {
      const opened = await openReadStore(
        withGeneration({ name: store, url: this.#system.env.READ_STORES }, generation),
      );
      await opened.drop();
      await opened.close();
    }
    return result;
  }

  get facts() {
    const sum = (of: (done: Summary) => number): number => this.#done.reduce((all, one) => all + of(one), 0);
    const perSecond = Math.round(sum(({ events }) => events) / sum(({ seconds }) => seconds));
    return { rebuilds: this.#done.length, rebuiltPerSecond: `${perSecond} events` };
  }

  async #runAll(generations: string[]): Promise<void> {
    while (!this.#isOver) {
      const generation = `v${generations.length + 2}`;
      generations.push(generation);
      this.#current = rebuildOf(this.#system, this.#defer, store, generation, ['--once']);
      this.#current.launch();
      await this.#current.ended;
      if (!this.#isOver || this.#done.length === 0) this.#done.push(await summaryOf(this.#current));
    }
  }
}

/** Of all stretches of a kind; then, as the median over the rounds, what rebuilds make of a figure, and the p99 of each round. */
function comparisonOf(calm: readonly Stretch[], beside: readonly Stretch[]): Outcome['facts'] {
  const facts: Record<string, string> = {};
  for (const kind of ['commands', 'reads', 'lags'] as const) {
    const all = (stretches: readonly Stretch[]): string =>
      `${quantilesOf(
        stretches.flatMap((stretch) => stretch[kind]),
        shares,
      )} ms`;
    facts[`${kind} idle`] = all(calm);
    facts[`${kind} beside a rebuild`] = all(beside);
  }
  for (const kind of ['commands', 'reads'] as const) {
    const each = (stretches: readonly Stretch[], share: number): readonly number[] =>
      stretches.map((stretch) => quantile(stretch[kind], share));
    const ratios = shares.map((share) => {
      const idle = each(calm, share);
      const ofRounds = each(beside, share).map((ms, round) => ms / (idle[round] ?? Number.NaN));
      return `×${quantile(ofRounds, 0.5).toFixed(2)}`;
    });
    facts[`${kind} ratios`] = ratios.join(' ');
    const idle = each(calm, 0.99).map(Math.round);
    facts[`${kind} p99 by round`] = each(beside, 0.99)
      .map((ms, round) => `${idle[round]}→${Math.round(ms)}`)
      .join(' ');
  }
  return facts;
}
