import type { CartView } from '@cartage/cart';
import { hasCode } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import type { LazyStore } from '@cartage/runtime';
import { unavailable } from '../problems.ts';
import { within } from '../within.ts';

/** A read store by its name, which need not be within reach. */
export type NamedStore = Pick<LazyStore, 'name' | 'open'>;

/** How long, ms, an answer is waited for, and how long a store that gives none is left alone. */
const patience = 250;
const rest = 1_000;
/** Failures in a row after which it is. */
const tolerated = 5;

/**
 * The read store that answers shoppers. Reads never wait for it longer than 250 ms; when five in a row went without an answer,
 * one a second tries it and all others fail at once, until one is answered. So a store that hangs holds up next to nothing.
 */
export class ServingStore {
  readonly #store: NamedStore;
  #failures = 0;
  #restsUntil = 0;

  constructor(store: NamedStore) {
    this.#store = store;
  }

  get name(): string {
    return this.#store.name;
  }

  /** As {@link ReadStore.get}. @throws an error of code `unavailable` within 250 ms */
  get(id: string): Promise<CartView | undefined> {
    return this.#ask((store) => store.get(id));
  }

  /** As {@link ReadStore.list}. @throws an error of code `unavailable` within 250 ms */
  list(owner: string): Promise<readonly CartView[]> {
    return this.#ask((store) => store.list(owner));
  }

  /** Resolves when it answers, however long that takes. */
  async answers(): Promise<void> {
    await (await this.#store.open()).checkpoints();
  }

  async #ask<T>(question: (store: ReadStore) => Promise<T>): Promise<T> {
    const now = performance.now();
    if (this.#failures >= tolerated) {
      if (now < this.#restsUntil) throw silent;
      this.#restsUntil = now + rest;
    }
    try {
      const answer = await within(patience, this.#answer(question));
      if (!answer) throw silent;
      this.#failures = 0;
      return answer.value;
    } catch (error) {
      // A damaged view is an answer too.
      this.#failures = hasCode(error, 'unavailable') ? this.#failures + 1 : 0;
      throw error;
    }
  }

  async #answer<T>(question: (store: ReadStore) => Promise<T>): Promise<{ readonly value: T }> {
    return { value: await question(await this.#store.open()) };
  }
}

const silent = unavailable('The read store does not answer. Try again.');
