import type { EventStore } from '@cartage/event-store';
import type { Parked } from '@cartage/read-store';
import { pause } from './backoff.ts';
import type { Pace } from './pace.ts';
import type { Extent } from './source.ts';
import type { Trouble, TroubleStatus } from './trouble.ts';
import type { Written } from './writing.ts';

/** How often the stores are asked how they are, ms. */
export const probeEvery = 2_000;

/** How a projection is doing. Times in ms since the epoch; counts since the process began. */
export type ProjectionStatus = TroubleStatus & {
  /** The checkpoint as last read or saved; undefined when there is none. */
  readonly position: bigint | undefined;
  /** The end of the log, asked for every few seconds; undefined when it was not yet. */
  readonly head: bigint | undefined;
  /**
   * From the checkpoint to the end of the log in positions: the number of events where positions are contiguous. 0 before the
   * checkpoint was read.
   */
  readonly lag: number;
  /** The age of the oldest event known not to be projected, ms; 0 when there is none. */
  readonly lagMs: number;
  /** When it last moved, or both stores answered while there was nothing to do. */
  readonly heartbeatAt: number | undefined;
  /** Events of its carts that were folded and whose views are written. */
  readonly events: number;
  /** Carts whose first event was among them. */
  readonly begun: number;
  readonly written: number;
  /** Views that the store already had as new or newer. */
  readonly stale: number;
  /** Events passed over: of parked carts, and of streams that are no cart's. */
  readonly skipped: number;
  /** Views left out of a store that is seeded, because they may be purged already. */
  readonly expired: number;
  /** Carts folded from their stream, because the view before an event was missing. */
  readonly gaps: number;
  /** Events a second at most, to spare a store in trouble or by choice; absent when nothing holds it back. */
  readonly pace?: number;
  readonly parked: readonly Parked[];
};

const countOf = ['events', 'begun', 'written', 'stale', 'skipped', 'expired', 'gaps'] as const;

/** Keeps account of a projection. */
export class Progress {
  readonly #now: () => number;
  readonly #trouble: Trouble;
  readonly #pace: Pace;
  #position: bigint | undefined;
  #isResumed = false;
  #head: bigint | undefined;
  #behindSince: number | undefined;
  /** Of the windows under way, oldest first, when their first event was recorded. */
  #underWay: (number | undefined)[] = [];
  #heartbeatAt: number | undefined;
  #counts = { events: 0, begun: 0, written: 0, stale: 0, skipped: 0, expired: 0, gaps: 0 };
  #parked: () => readonly Parked[] = () => [];

  constructor(now: () => number, trouble: Trouble, pace: Pace) {
    this.#now = now;
    this.#trouble = trouble;
    this.#pace = pace;
  }

  /** The checkpoint; −1 when there is none. */
  get position(): bigint {
    return this.#position ?? -1n;
  }

  status(): ProjectionStatus {
    const [position, head, now] = [this.#position, this.#head, this.#now()];
    return {
      position,
      head,
      lag: head === undefined || !this.#isResumed ? 0 : Math.max(0, Number(head - (position ?? -1n))),
      lagMs: this.#behindSince === undefined ? 0 : Math.max(0, now - this.#behindSince),
      heartbeatAt: this.#heartbeatAt,
      ...this.#counts,
      ...(this.#pace.rate < Infinity && { pace: this.#pace.rate }),
      ...this.#trouble.status,
      parked: this.#parked(),
    };
  }

  resumed(position: bigint | undefined, parked: () => readonly Parked[]): void {
    this.#position = position;
    this.#isResumed = true;
    this.#parked = parked;
    this.#underWay = [];
  }

  collected({ since }: Extent): void {
    this.#underWay.push(since);
    this.#behindSince ??= since;
  }

  /** The window's views are written, and the checkpoint after them. */
  saved(saved: Written): void {
    const { position, caughtUp, until } = saved;
    for (const count of countOf) this.#counts[count] += saved[count];
    if (position > this.position) this.#position = position;
    this.#underWay.shift();
    const next = this.#underWay.find((since) => since !== undefined);
    this.#behindSince = next ?? (caughtUp ? undefined : (until ?? this.#behindSince));
    this.#heartbeatAt = this.#now();
    this.#trouble.clear();
  }

  /** Asks for the end of the log, while the store is out of reach too. That the log is, whoever follows it tells. */
  async measure(events: Pick<EventStore, 'head'>, signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await pause(probeEvery, signal))
      this.#head = await events.head().catch(() => this.#head);
  }

  /**
   * Both stores answered. That says nothing about work under way, nor that trouble is over: the first window after it tells, which
   * comes in any case.
   */
  answered(): void {
    if (this.#underWay.length === 0) this.#heartbeatAt = this.#now();
  }
}
