import type { Batch, Recorded } from '@cartage/event-store';

/** The last event to be projected: the one at this position, or the last the log recorded by this time (ms since the epoch). */
export type Until = { readonly position: bigint } | { readonly time: number };

/** The log up to an end, or without one. */
export class Stretch {
  readonly #isBehind: (recorded: Pick<Recorded, 'position' | 'recordedAt'>) => boolean;
  readonly #last: bigint | undefined;
  readonly #endsWithLog: boolean;
  #isOver = false;

  constructor(until?: Until) {
    this.#last = until && 'position' in until ? until.position : undefined;
    this.#endsWithLog = until !== undefined && 'time' in until;
    this.#isBehind = behind(until);
  }

  /** Whether the end has been reached. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends behind the last event; without an end it never does. */
  async *of(batches: AsyncIterable<Batch>, from: bigint | undefined): AsyncGenerator<Batch> {
    this.#isOver = this.#last !== undefined && (from ?? -1n) >= this.#last;
    if (this.#isOver) return;
    let reached = from ?? -1n;
    for await (const batch of batches) {
      const cut = this.#cut(batch, reached);
      reached = cut.position;
      yield cut;
      if (this.#isOver) return;
    }
  }

  #cut(batch: Batch, reached: bigint): Batch {
    const { events, position, caughtUp } = batch;
    const at = events.findIndex(this.#isBehind);
    if (at >= 0) {
      this.#isOver = true;
      const within = events.slice(0, at);
      return { events: within, position: this.#last ?? within.at(-1)?.position ?? reached, caughtUp: true };
    }
    this.#isOver = this.#last !== undefined ? position >= this.#last : this.#endsWithLog && caughtUp;
    if (!this.#isOver) return batch;
    return { events, position: this.#last ?? position, caughtUp: true };
  }
}

/** Tells which events come after the end. */
export function behind(
  until: Until | undefined,
): (recorded: Pick<Recorded, 'position' | 'recordedAt'>) => boolean {
  if (!until) return () => false;
  if ('position' in until) return ({ position }) => position > until.position;
  return ({ recordedAt }) => recordedAt > until.time;
}
