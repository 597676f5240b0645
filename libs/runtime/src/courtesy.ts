import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waiting for a processor that long, as a share of working, is no longer the work of this process's own threads. */
const disturbing = 0.25;
/** How often it is looked at, ms. */
const every = 200;
/** How long it rests then, as a multiple of how long it worked. */
const rests = 5;

/** What the thread it is made in did so far, ms: it had a processor, or waited for one. */
export type Turns = { readonly worked: number; readonly waited: number };

/**
 * Lets a thread rest while others need the processors of this machine: one that must wait for them keeps others waiting as well,
 * whatever its priority, because it is not taken off at once and leaves cold caches. It then works a sixth of the time.
 */
export class Courtesy {
  readonly #turns: () => Turns | undefined;
  #begun: Turns | undefined;
  #looked: Turns | undefined;
  #lookedAt = performance.now();
  #isDisturbing = false;

  /** `turns`: of this thread, as Linux counts them by default; undefined where they are not known, and there it never rests. */
  constructor(turns: () => Turns | undefined = turnsOfThread) {
    this.#turns = turns;
    this.#begun = this.#looked = turns();
  }

  /** To be awaited between two pieces of work, some ms each. */
  async rest(): Promise<void> {
    const now = this.#turns();
    if (!now || !this.#begun || !this.#looked) return;
    if (performance.now() - this.#lookedAt >= every) {
      this.#isDisturbing = now.waited - this.#looked.waited > disturbing * (now.worked - this.#looked.worked);
      this.#looked = now;
      this.#lookedAt = performance.now();
    }
    if (this.#isDisturbing) await sleep((now.worked - this.#begun.worked) * rests);
    this.#begun = this.#turns();
  }
}

/** Source: the kernel's Documentation/scheduler/sched-stats.rst, "/proc/<pid>/schedstat": ns. */
function turnsOfThread(): Turns | undefined {
  try {
    const [worked, waited] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
    return { worked: Number(worked) / 1e6, waited: Number(waited) / 1e6 };
  } catch {
    return undefined;
  }
}
