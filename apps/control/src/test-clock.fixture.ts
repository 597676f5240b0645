import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  #time: number;
  readonly #waiting = new Set<{ readonly due: number; readonly end: () => void }>();

  constructor(time: number) {
    this.#time = time;
  }

  readonly now = (): number => this.#time;

  readonly pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const waiter = {
        due: this.#time + ms,
        end: () => {
          this.#waiting.delete(waiter);
          signal.removeEventListener('abort', waiter.end);
          resolve();
        },
      };
      if (ms <= 0 || signal.aborted) return resolve();
      this.#waiting.add(waiter);
      signal.addEventListener('abort', waiter.end);
    });

  /** How long the pauses that somebody is in still last, ms. */
  get pauses(): readonly number[] {
    return [...this.#waiting].map(({ due }) => due - this.#time);
  }

  advance(ms: number): void {
    this.#time += ms;
    for (const { due, end } of this.#waiting) if (due <= this.#time) end();
  }

  /** Until somebody pauses, for `ms` if given. */
  async paused(ms?: number): Promise<void> {
    await until(() => this.pauses.some((pause) => ms === undefined || pause === ms));
  }
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(1);
}
