import type { Lane } from './closed-loop.ts';
import type { Schedule } from './schedule.ts';
import type { Counter } from './tally.ts';
import type { Draw } from './traffic.ts';

export type OpenLoopOptions = {
  readonly draw: Draw;
  readonly counter: Counter;
  readonly schedule: Schedule;
  readonly milliseconds: number;
  /** Ms, rising. */
  readonly now: () => number;
};

/**
 * Requests leave when they are due, whatever became of those before, and their latency counts from that intended time: a
 * server that stands still for a second is charged with everybody who came in that second. Timing from the real send would
 * leave them out ("coordinated omission", G. Tene, wrk2 and HdrHistogram). A request that finds all lanes taken waits and keeps
 * its time.
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #idle: Lane[];
  readonly #dueAt = new Map<Lane, number>();
  readonly #start: number;
  #next: number;

  /** Time runs from here on. */
  constructor(lanes: readonly Lane[], options: OpenLoopOptions) {
    this.#options = options;
    this.#idle = [...lanes];
    this.#start = options.now();
    this.#next = options.schedule();
  }

  /** Whether everything that was due has been answered. */
  get isDone(): boolean {
    return this.#next > this.#options.milliseconds && this.#dueAt.size === 0;
  }

  /** Sends what is due; to be called again and again, at least every ms. */
  pump(): void {
    const elapsed = this.#options.now() - this.#start;
    const until = Math.min(elapsed, this.#options.milliseconds);
    while (this.#next <= until) {
      const lane = this.#idle.pop();
      if (!lane) return;
      this.#send(lane, this.#next, elapsed);
      this.#next = this.#options.schedule();
    }
  }

  answered(lane: Lane, status: number, bytes: number): void {
    const dueAt = this.#dueAt.get(lane);
    if (dueAt === undefined) return;
    this.#dueAt.delete(lane);
    this.#options.counter.count(status, bytes, this.#options.now() - this.#start - dueAt);
    this.#idle.push(lane);
    this.pump();
  }

  /** Charges what was due and is still unanswered with the time it has waited so far, and says how many that are. */
  giveUp(): number {
    const elapsed = this.#options.now() - this.#start;
    const waiting = [...this.#dueAt.values()];
    for (; this.#next <= this.#options.milliseconds; this.#next = this.#options.schedule())
      waiting.push(this.#next);
    for (const dueAt of waiting) this.#options.counter.latencies.record(elapsed - dueAt);
    this.#dueAt.clear();
    return waiting.length;
  }

  #send(lane: Lane, dueAt: number, elapsed: number): void {
    const request = this.#options.draw();
    if (!request) throw new Error('Open-loop traffic ran out of requests.');
    this.#dueAt.set(lane, dueAt);
    this.#options.counter.sentLate.record(elapsed - dueAt);
    lane.send(request);
  }
}
