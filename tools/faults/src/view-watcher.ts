import { setTimeout as sleep } from 'node:timers/promises';
import { type CartView, canonical } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';

const pause = 2; // ms

/** A reader that polls views all the while, and remembers the newest it saw of each. */
export class ViewWatcher {
  readonly #store: ReadStore;
  readonly #ids: readonly string[];
  readonly #seen = new Map<string, CartView>();
  readonly #differences: string[] = [];
  readonly #running: Promise<void>;
  #moves = 0;
  #polls = 0;
  #isOver = false;

  constructor(store: ReadStore, ids: readonly string[]) {
    this.#store = store;
    this.#ids = ids;
    this.#running = this.#watch();
    this.#running.catch(() => undefined);
  }

  /** Ends the polling. @throws what a poll threw */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  get facts() {
    return { polls: this.#polls, movesSeen: this.#moves };
  }

  /** Every view that went back, vanished, or changed without a new revision. */
  get differences(): readonly string[] {
    return this.#moves > 0 ? this.#differences : [...this.#differences, 'no view was seen to move'];
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const views = await this.#store.getMany(this.#ids);
      views.forEach((view, at) => this.#look(this.#ids[at] ?? '', view));
      this.#polls += 1;
      await sleep(pause);
    }
  }

  #look(id: string, view: CartView | undefined): void {
    const before = this.#seen.get(id);
    if (!view) {
      if (before) this.#differences.push(`${id} vanished after revision ${before.revision}`);
      return;
    }
    if (before && view.revision < before.revision)
      this.#differences.push(`${id} went back from revision ${before.revision} to ${view.revision}`);
    if (before?.revision === view.revision) {
      if (canonical(before) !== canonical(view))
        this.#differences.push(`${id} changed at revision ${view.revision}`);
      return;
    }
    this.#moves += 1;
    this.#seen.set(id, view);
  }
}
