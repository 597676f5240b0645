import { setTimeout as sleep } from 'node:timers/promises';
import type { Defer } from './scenarios/scenario.ts';
import { checkpointOf, type System } from './system.ts';

const pause = 100; // ms

/** Looks all the while how many events each store is behind the log. */
export class LagWatcher {
  #largest = new Map<string, number>();
  #isOver = false;

  /** Watches the stores of a system that has caught up, and defers to leave off. */
  static start(system: System, defer: Defer): LagWatcher {
    const watcher = new LagWatcher();
    const watching = Promise.all([...system.stores.keys()].map((name) => watcher.#watch(system, name)));
    defer(async () => {
      watcher.#isOver = true;
      await watching;
    });
    return watcher;
  }

  /** The largest lag of each store since this was last asked, events. */
  take(): ReadonlyMap<string, number> {
    const taken = this.#largest;
    this.#largest = new Map();
    return taken;
  }

  async #watch({ events, stores }: System, name: string): Promise<void> {
    const store = stores.get(name);
    while (!this.#isOver && store) {
      const head = await events.head();
      // A store that does not answer is as far as it was.
      const reached = await checkpointOf(store).catch(() => undefined);
      if (reached !== undefined)
        this.#largest.set(name, Math.max(this.#largest.get(name) ?? 0, Number(head - reached)));
      await sleep(pause);
    }
  }
}
