import { setTimeout as sleep } from 'node:timers/promises';
import type { LaunchedEngine } from '@cartage/engines';
import type { ReadStore } from '@cartage/read-store';
import { openReadStore, withGeneration } from '@cartage/runtime';
import { behindProxy, type Distant } from '../databases.ts';
import type { Process } from '../processes.ts';
import { rebuildOf, summaryOf } from '../rebuilding.ts';
import type { Run } from '../scenarios/scenario.ts';
import type { System } from '../system.ts';
import type { Misfortune, Target } from './target.ts';

/** How long it hangs, ms. */
const hanging = { short: 6_000, long: 30_000 };
/** One that is down is started at most so long after the rebuild has said so, and one that is killed after that, ms. */
const mostDown = 3_000;
const mostKilled = 500;
const mostAttempts = 3;

/**
 * A database behind a proxy. What happens to it happens when the rebuild has sent a part of what an undisturbed one sends, be
 * that views or the questions that verify them.
 */
export class DatabaseTarget implements Target {
  readonly #run: Run;
  readonly #system: System;
  readonly #database: LaunchedEngine;
  readonly #place: Distant;
  readonly #sent: Sent;
  #whole: Promise<number> | undefined;

  private constructor(run: Run, system: System, database: LaunchedEngine, place: Distant, sent: Sent) {
    this.#run = run;
    this.#system = system;
    this.#database = database;
    this.#place = place;
    this.#sent = sent;
  }

  static async open(run: Run, system: System, database: LaunchedEngine): Promise<DatabaseTarget> {
    const sent = new Sent();
    const place = await behindProxy(database, run.defer, { onSent: ({ length }) => sent.add(length) });
    return new DatabaseTarget(run, system, database, place, sent);
  }

  get name(): string {
    return this.#place.name;
  }

  rebuildOf(generation: string): Process {
    const { name, url } = this.#place;
    const { env, folder } = this.#system;
    const there = { env: { ...env, READ_STORES: url }, folder };
    return rebuildOf(there, this.#run.defer, name, generation, ['--once', '--verify']);
  }

  openGeneration(generation: string): Promise<ReadStore> {
    const { name, direct } = this.#place;
    return openReadStore(withGeneration({ name, url: direct }, generation));
  }

  disturb(rebuild: Process, misfortune: Misfortune): Promise<string> {
    switch (misfortune) {
      case 'hung':
        return this.#hang(rebuild);
      case 'killed':
        return this.#kill(rebuild);
      case 'down':
        return this.#beDown(rebuild);
      case 'full':
        throw new RangeError('Where a database keeps its data is not known.');
    }
  }

  async #hang(rebuild: Process): Promise<string> {
    const { proxy } = this.#place;
    const where = await this.#inTheMiddle(rebuild, () => (proxy.fault = { kind: 'blackHole' }));
    await sleep(hanging[this.#run.isShort ? 'short' : 'long']);
    proxy.fault = { kind: 'pass' };
    return where;
  }

  async #kill(rebuild: Process): Promise<string> {
    let killed: Promise<void> | undefined;
    const where = await this.#inTheMiddle(rebuild, () => void (killed = this.#database.kill()));
    await killed;
    await sleep(this.#run.random.below(mostKilled));
    await this.#database.start();
    return where;
  }

  async #beDown(rebuild: Process): Promise<string> {
    await this.#database.kill();
    rebuild.launch();
    while (rebuild.isRunning && !hasTrouble(rebuild)) await sleep(25);
    await sleep(this.#run.random.below(mostDown));
    await this.#database.start();
    return 'at the start';
  }

  /**
   * Starts the rebuild; calls back when it has sent a part; answers which. Not the last: how much it is in all depends on how long
   * it takes, too.
   *
   * @throws {Error} it ended before
   */
  async #inTheMiddle(rebuild: Process, happen: () => void): Promise<string> {
    this.#whole ??= this.#sentUndisturbed();
    const whole = await this.#whole;
    const percent = this.#run.random.between(10, 75);
    const reached = this.#sent.reaches((whole * percent) / 100, happen);
    rebuild.launch();
    const early = rebuild.ended.then((how) => {
      throw new Error(`the rebuild ended (${how}) before anything happened: ${rebuild.stderr}`);
    });
    await Promise.race([reached, early]);
    early.catch(() => undefined);
    return `after ${percent} %`;
  }

  /**
   * Bytes; the fewer of two counts, as the first meets a database that has just been started: it takes longer, and live events that
   * come meanwhile are sent as well. One that had trouble all the same, on a busy machine, sent some of it twice, and does not count
   * unless none is better.
   */
  async #sentUndisturbed(): Promise<number> {
    const counts: number[] = [];
    for (let attempt = 1; counts.length < 2; attempt += 1) {
      const before = this.#sent.bytes;
      const rebuild = this.rebuildOf(`calm_${attempt}`);
      await rebuild.start();
      await summaryOf(rebuild);
      if (attempt >= mostAttempts || !hasTrouble(rebuild)) counts.push(this.#sent.bytes - before);
    }
    return Math.min(...counts);
  }
}

const hasTrouble = ({ stderr }: Process): boolean => /^rebuild: /m.test(stderr);

/** Counts what is sent, and calls back in the middle of it. */
class Sent {
  bytes = 0;
  #awaited: { readonly bytes: number; readonly happen: () => void } | undefined;

  add(bytes: number): void {
    this.bytes += bytes;
    if (!this.#awaited || this.bytes < this.#awaited.bytes) return;
    const { happen } = this.#awaited;
    this.#awaited = undefined;
    happen();
  }

  /** Resolves when so many bytes more have been sent, and the callback was called. */
  reaches(bytes: number, happen: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = {
        bytes: this.bytes + bytes,
        happen: () => {
          happen();
          resolve();
        },
      };
    });
  }
}
