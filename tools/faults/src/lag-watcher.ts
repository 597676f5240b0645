import { setTimeout as sleep } from 'node:timers/promises';
import type { Defer } from './scenarios/scenario.ts';
import { checkpointOf, type System } from './system.ts';

const pause = 100; // ms
const logPause = 10; // ms

/** How far a store is behind the log. */
export type Lag = {
  readonly events: number;
  /** Since the log went beyond what the store has. */
  readonly ms: number;
};

/** Looks all the while how far each store is behind the log. */
export class LagWatcher {
  /** Where the log was, and since when. */
  readonly #log: { readonly position: bigint; readonly since: number }[] = [];
  readonly #latest = new Map<string, Lag>();
  #seen = new Map<string, Lag[]>();
  #isOver = false;

  /** Watches the stores of a system that has caught up, and defers to leave off. */
  static start(system: System, defer: Defer): LagWatcher {
    const watcher = new LagWatcher();
    const names = [...system.stores.keys()];
    const watching = Promise.all([
      watcher.#watchLog(system),
      ...names.map((name) => watcher.#watch(system, name)),
    ]);
    defer(async () => {
      watcher.#isOver = true;
      await watching;
    });
    return watcher;
  }

  /** What was seen of each store, ten times a second, since this was last asked. */
  take(): ReadonlyMap<string, readonly Lag[]> {
    const taken = this.#seen;
    this.#seen = new Map();
    return taken;
  }

  /** What was last seen of a store; undefined before. */
  latest(name: string): Lag | undefined {
    return this.#latest.get(name);
  }

  async #watchLog({ events }: System): Promise<void> {
    for (; !this.#isOver; await sleep(logPause)) {
      const position = await events.head();
      if (position > (this.#log.at(-1)?.position ?? -1n))
        this.#log.push({ position, since: performance.now() });
    }
  }

  async #watch({ stores }: System, name: string): Promise<void> {
    const store = stores.get(name);
    for (; !this.#isOver && store; await sleep(pause)) {
      // A store that does not answer is as far as it was.
      const reached = await checkpointOf(store).catch(() => undefined);
      if (reached !== undefined) this.#note(name, reached);
    }
  }

  #note(name: string, reached: bigint): void {
    const next = this.#log[this.#log.findLastIndex(({ position }) => position <= reached) + 1];
    const head = this.#log.at(-1)?.position ?? reached;
    const lag = next
      ? { events: Number(head - reached), ms: performance.now() - next.since }
      : { events: 0, ms: 0 };
    this.#latest.set(name, lag);
    const seen = this.#seen.get(name);
    if (seen) seen.push(lag);
    else this.#seen.set(name, [lag]);
  }
}
