import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';

const precision = 2 ** 30;

/**
 * Requests of many people who know nothing of each other (a Poisson process): they are due whether or not earlier ones have been
 * answered, so that one slow answer is a slow answer to all who came meanwhile.
 */
export class Arrivals {
  readonly #perSecond: number;
  readonly #random: Random;
  #due = performance.now();
  #isOver = false;

  constructor(perSecond: number, random: Random) {
    this.#perSecond = perSecond;
    this.#random = random;
  }

  /** Resolves when the next is due, to that time (of `performance.now`), which may have passed; undefined when it is over. */
  async next(): Promise<number | undefined> {
    const uniform = (this.#random.below(precision) + 1) / precision;
    const due = (this.#due += (-Math.log(uniform) / this.#perSecond) * 1000);
    const ahead = due - performance.now();
    if (ahead > 0) await sleep(ahead);
    return this.#isOver ? undefined : due;
  }

  stop(): void {
    this.#isOver = true;
  }
}
