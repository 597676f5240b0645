import type { Parked, PutResult } from '@cartage/read-store';
import type { Folded } from './folding.ts';
import type { Window } from './source.ts';
import type { Trouble, TroubleStatus } from './trouble.ts';

/** How a projection is doing. Times in ms since the epoch; counts since the process began. */
export type ProjectionStatus = TroubleStatus & {
  /** The checkpoint as last read or saved; undefined when there is none. */
  readonly position: bigint | undefined;
  /** The end of the log, asked for every few seconds; undefined when it was not yet. */
  readonly head: bigint | undefined;
  /** From the checkpoint to the end of the log in positions: the number of events where positions are contiguous. */
  readonly lag: number;
  /** The age of the oldest event known not to be projected, ms; 0 when there is none. */
  readonly lagMs: number;
  /** When it last moved, or both stores answered while there was nothing to do. */
  readonly heartbeatAt: number | undefined;
  readonly written: number;
  /** Views that the store already had as new or newer. */
  readonly stale: number;
  /** Events passed over: of parked carts, and of streams that are no cart's. */
  readonly skipped: number;
  /** Carts folded from their stream, because the view before an event was missing. */
  readonly gaps: number;
  readonly parked: readonly Parked[];
};

/** Keeps account of a projection. */
export class Progress {
  readonly #now: () => number;
  readonly #trouble: Trouble;
  #position: bigint | undefined;
  #head: bigint | undefined;
  #behindSince: number | undefined;
  #latest: Window | undefined;
  #unwritten = 0;
  #heartbeatAt: number | undefined;
  #counts = { written: 0, stale: 0, skipped: 0, gaps: 0 };
  #parked: () => readonly Parked[] = () => [];

  constructor(now: () => number, trouble: Trouble) {
    this.#now = now;
    this.#trouble = trouble;
  }

  /** The checkpoint; −1 when there is none. */
  get position(): bigint {
    return this.#position ?? -1n;
  }

  /** Whether the checkpoint is yet to reach the window's end. */
  isBefore({ position }: Window): boolean {
    return this.position < position;
  }

  status(): ProjectionStatus {
    const [position, head, now] = [this.#position, this.#head, this.#now()];
    return {
      position,
      head,
      lag: head === undefined ? 0 : Math.max(0, Number(head - (position ?? -1n))),
      lagMs: this.#behindSince === undefined ? 0 : Math.max(0, now - this.#behindSince),
      heartbeatAt: this.#heartbeatAt,
      ...this.#counts,
      ...this.#trouble.status,
      parked: this.#parked(),
    };
  }

  resumed(position: bigint | undefined, parked: () => readonly Parked[]): void {
    this.#position = position;
    this.#parked = parked;
    this.#unwritten = 0;
  }

  collected(window: Window): void {
    this.#latest = window;
    this.#unwritten += 1;
    this.#behindSince ??= window.since;
  }

  written(window: Window, { gaps, skipped }: Folded, { written, stale }: PutResult): void {
    const counts = this.#counts;
    counts.written += written;
    counts.stale += stale;
    counts.gaps += gaps;
    counts.skipped += skipped;
    if (this.isBefore(window)) this.#position = window.position;
    this.#unwritten -= 1;
    const next = this.#latest === window ? undefined : this.#latest?.since;
    this.#behindSince = next ?? (window.caughtUp ? undefined : (window.until ?? this.#behindSince));
    this.#beat();
  }

  /** Both stores answered. That says nothing about work under way. */
  answered(head: bigint): void {
    this.#head = head;
    if (this.#unwritten === 0) this.#beat();
  }

  #beat(): void {
    this.#heartbeatAt = this.#now();
    this.#trouble.clear();
  }
}
