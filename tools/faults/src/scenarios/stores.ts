import type { LaunchedEngine } from '@cartage/engines';
import { openReadStore } from '@cartage/runtime';
import { behindProxy, lackOfDatabases, launchDatabases } from '../databases.ts';
import { Prober } from '../prober.ts';
import { findingsOf, shopping } from '../replaying.ts';
import type { Random } from '../random.ts';
import { type Load, Shoppers } from '../shoppers.ts';
import { checkpointOf, embeddedViews, type StorePlace, System } from '../system.ts';
import { replayWhileKilled, type Victim } from './replay.ts';
import type { Outcome, Run, Scenario } from './scenario.ts';
import { verdict } from './verdict.ts';

/** What a round takes, ms, most of which Cassandra starts. */
const round = 4_000;
const limit = (rounds: number): number => 300_000 + rounds * 30_000;

export const storesReplay: Scenario = {
  name: 'stores-replay',
  title: 'replays a CSV file into the embedded store, Cassandra, DynamoDB and MongoDB at once',
  rounds: { short: 1, long: 1 },
  limit,
  lack: lackOfDatabases,
  run: replayIntoAll,
};

/** Cassandra says that something is written when it is on disk (`batch`), or, by default (`periodic`), before. */
export const storesKilled: readonly Scenario[] = (['batch', 'periodic'] as const).map((commitlogSync) => ({
  name: `stores-killed-${commitlogSync}`,
  title: `replays a CSV file while the databases are killed in turn, Cassandra with commitlog_sync: ${commitlogSync}`,
  rounds: { short: commitlogSync === 'batch' ? 3 : 1, long: 18 },
  limit,
  lack: lackOfDatabases,
  run: async (run) =>
    await replayWhileEachIsKilled(run, await launchDatabases(run.folder, run.defer, { commitlogSync })),
}));

/** A system that keeps its views in the embedded store and in databases; any of them may be the one that answers shoppers. */
export const systemOn = (
  { folder, random, defer }: Run,
  databases: readonly StorePlace[],
): Promise<System> => {
  const readStores = random.shuffled([embeddedViews(folder), ...databases]);
  return System.start(folder, { apis: 2, readStores }, defer);
};

/** {@link systemOn} all databases, each behind a proxy, with shoppers and a prober at work in it. */
export async function shoppingOn(run: Run, load: Load) {
  const { folder, random, defer } = run;
  const launched = await launchDatabases(folder, defer);
  const databases = await Promise.all(launched.map((database) => behindProxy(database, defer)));
  const system = await systemOn(run, databases);
  /** ms, of each command. */
  const latencies: number[] = [];
  const onAnswer = (ms: number): unknown => latencies.push(ms);
  const shoppers = new Shoppers(system.urls, { ...load, onAnswer }, random.fork());
  await shoppers.start();
  const prober = await Prober.start(system, random.fork());
  return { databases, system, shoppers, prober, latencies };
}

async function replayIntoAll(run: Run): Promise<Outcome> {
  const databases = await launchDatabases(run.folder, run.defer);
  const system = await systemOn(
    run,
    databases.map(({ engine }) => engine),
  );
  const replays: Outcome[] = [];
  for (let done = 1; done <= run.rounds; done += 1) {
    const { replay, hurry } = await shopping(run, system);
    hurry();
    replays.push(await findingsOf(replay));
    run.onRound(done, run.rounds);
  }
  const { facts, differences } = await verdict(system);
  return {
    facts: { stores: [...system.stores.keys()].join(' '), ...replays.at(-1)?.facts, ...facts },
    differences: [...replays.flatMap((replay) => replay.differences), ...differences],
  };
}

async function replayWhileEachIsKilled(run: Run, databases: readonly LaunchedEngine[]): Promise<Outcome> {
  const system = await systemOn(
    run,
    databases.map(({ engine }) => engine),
  );
  const victims = databases.map((database) => new Mortal(database, system, run.random));
  let turn = 0;
  const next = (): Victim => {
    const victim = victims[turn % victims.length];
    if (!victim) throw new RangeError('There must be a database.');
    turn += 1;
    return victim;
  };
  const { facts, differences } = await replayWhileKilled(run, system, next, run.rounds * round);
  const unscathed = victims.slice(0, run.rounds).filter(({ kills }) => kills === 0);
  return {
    facts: { ...Object.fromEntries(victims.flatMap((victim) => victim.facts)), ...facts },
    differences: [...differences, ...unscathed.map(({ name }) => `${name} was never killed`)],
  };
}

/**
 * A database that is killed, and whose checkpoint is looked at before and after: every other time, by chance, with projectors frozen
 * meanwhile, as they may be back and have mended it before it can be looked at.
 */
class Mortal implements Victim {
  readonly #database: LaunchedEngine;
  readonly #system: System;
  readonly #random: Random;
  #before = -1n;
  #wentBack = 0;
  kills = 0;

  constructor(database: LaunchedEngine, system: System, random: Random) {
    this.#database = database;
    this.#system = system;
    this.#random = random;
  }

  get name(): string {
    return this.#database.engine.name;
  }

  /** How often it was killed, and how often it was seen to come back older than it had answered. */
  get facts(): readonly (readonly [string, number])[] {
    return [
      [`${this.name}Killed`, this.kills],
      [`${this.name}WentBack`, this.#wentBack],
    ];
  }

  async kill(): Promise<void> {
    const store = this.#system.stores.get(this.name);
    if (store) this.#before = await checkpointOf(store).catch(() => -1n);
    await this.#database.kill();
    this.kills += 1;
  }

  async start(): Promise<void> {
    const frozen = this.#random.below(2) === 0 ? this.#system.projectors : [];
    for (const projector of frozen) projector.freeze();
    await this.#database.start();
    const store = await openReadStore(this.#database.engine);
    try {
      if ((await checkpointOf(store).catch(() => this.#before)) < this.#before) this.#wentBack += 1;
    } finally {
      await store.close();
      for (const projector of frozen) projector.resume();
    }
  }
}
