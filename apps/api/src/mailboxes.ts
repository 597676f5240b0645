import { unavailable } from './problems.ts';

const mostWaiting = 100;

/** Runs the tasks of one key one after another, in the order they came; those of different keys side by side. */
export class Mailboxes {
  /** A key is present while a task of it runs; the array holds those that wait for their turn. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /**
   * What the task answers or throws; a task that fails holds up nobody.
   *
   * @throws {Problem} 503: a hundred others wait already
   */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, []);
    else if (waiting.length >= mostWaiting) throw unavailable('Too many commands wait for this cart.');
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.get(key)?.shift();
      if (next === undefined) this.#waiting.delete(key);
      else next();
    }
  }
}
