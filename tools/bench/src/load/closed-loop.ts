import type { Counter } from './tally.ts';
import type { Draw } from './traffic.ts';

/** Carries one request at a time. */
export type Lane = { send(request: Buffer): void };

export type ClosedLoopOptions = {
  readonly draw: Draw;
  readonly counter: Counter;
  readonly milliseconds: number;
  /** Ms, rising. */
  readonly now: () => number;
  /** Called when the time is over: what is answered later is waited for and not counted. */
  readonly ended: () => void;
};

/**
 * As many requests under way as there are lanes, each followed by the next as soon as it is answered: what a server can do at
 * most. Ends when the time is over or there are no more requests.
 */
export class ClosedLoop {
  readonly #options: ClosedLoopOptions;
  readonly #sentAt = new Map<Lane, number>();
  #start = 0;
  #seconds: number | undefined;
  #finish: (seconds: number) => void = () => {};

  constructor(options: ClosedLoopOptions) {
    this.#options = options;
  }

  /** Resolves to the seconds that were counted, when nothing is under way any more. */
  run(lanes: readonly Lane[]): Promise<number> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#start = this.#options.now();
      for (const lane of lanes) this.#sendNext(lane, this.#start);
    });
  }

  answered(lane: Lane, status: number, bytes: number): void {
    const { now, milliseconds, counter } = this.#options;
    const time = now();
    const sentAt = this.#sentAt.get(lane) ?? time;
    this.#sentAt.delete(lane);
    if (time - this.#start >= milliseconds) this.#end(time);
    if (this.#seconds === undefined) counter.count(status, bytes, time - sentAt);
    this.#sendNext(lane, time);
  }

  /** Waits no longer for what is under way, and says how many requests that are. */
  giveUp(): number {
    const unanswered = this.#sentAt.size;
    this.#sentAt.clear();
    this.#end(this.#options.now());
    this.#finish(this.#seconds ?? 0);
    return unanswered;
  }

  #sendNext(lane: Lane, time: number): void {
    const request = this.#seconds === undefined ? this.#options.draw() : undefined;
    if (request) {
      this.#sentAt.set(lane, time);
      lane.send(request);
    } else if (this.#sentAt.size === 0) {
      this.#end(time);
      this.#finish(this.#seconds ?? 0);
    }
  }

  #end(time: number): void {
    if (this.#seconds !== undefined) return;
    this.#seconds = (time - this.#start) / 1000;
    this.#options.ended();
  }
}
