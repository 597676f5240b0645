export { checkRevision, checkStream, limits } from './limits.ts';

/** A JSON event as a writer hands it in. `id` is a UUID the writer chose: repeating an append with the same ids is how a writer retries. */
export type NewEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly metadata: object;
};

/** An event as the log holds it. `data` and `metadata` are what was stored, unchecked: the reader validates. */
export type Recorded = {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly stream: string;
  /** Counts within the stream, from 0, without gaps. */
  readonly revision: number;
  /** Orders the whole log; strictly rising, not contiguous in every store. */
  readonly position: bigint;
  /** When the store wrote it, ms since the epoch, by the store's clock. Informative: no rule of the domain depends on it. */
  readonly recordedAt: number;
};

/** The revision a writer believes is the stream's last; `none` when nothing was ever written to it. */
export type Expected = number | 'none';

export type Appended = { readonly revision: number; readonly position: bigint };

/** A stretch of the log. Every event up to and including `position` that matches has been delivered once the batch is. */
export type Batch = {
  readonly events: readonly Recorded[];
  readonly position: bigint;
  /** Whether this batch reached the end of the log as it was when it was read. */
  readonly caughtUp: boolean;
};

export type FollowOptions = {
  /** Only streams whose name starts with one of these; all of them when absent. */
  readonly prefixes?: readonly string[];
  /** Ends the iteration, without an error, as soon as it fires. */
  readonly signal?: AbortSignal;
};

/** The truth: an append-only log of JSON events in streams, with one order over all of them. */
export interface EventStore {
  /**
   * Appends all events or none; they are durable when it resolves, `revision` and `position` being those of the last.
   * When the stream has moved on and the events after `expected` carry the same ids, this append already happened: it
   * succeeds and writes nothing. At the very tip ids are not looked at.
   *
   * @throws {RevisionConflict} the stream is elsewhere
   * @throws {EventTooLarge} an event is over {@link limits}; nothing was written
   * @throws {Unavailable} the outcome is unknown; retry with the same ids
   * @throws {RangeError} no events were given, or the stream's name or the revision is none
   */
  append(stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended>;
  /**
   * The stream's events from revision `from` (default 0), oldest first; empty when absent, deleted or truncated away. It fails
   * rather than end early.
   */
  read(stream: string, from?: number): AsyncIterable<Recorded>;
  /**
   * The log after position `from` (the whole log when undefined), in order, live until the signal fires. Never skips, never
   * repeats within one iteration, survives reconnects by itself, moves `position` on even when nothing matches, and holds
   * at most two batches of at most 2,000 events for a slow consumer. Truncated events may still come by. The first time it
   * reaches the end of the log it says so, with an empty batch if need be.
   */
  follow(from: bigint | undefined, options?: FollowOptions): AsyncIterable<Batch>;
  /** The position of the last event of the log; −1n when it is empty. */
  head(): Promise<bigint>;
  /** Hides the stream's events below revision `before` from `read`. Revisions never restart. Repeating it is harmless. */
  truncate(stream: string, before: number): Promise<void>;
  /** Ends what is being followed, lets appends under way finish, releases the store. Idempotent; later calls are {@link Unavailable}. */
  close(): Promise<void>;
}

export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
  readonly code = 'revision_conflict';

  /** `actual` is −1 when nothing was ever written to the stream. */
  constructor(
    readonly stream: string,
    readonly expected: Expected,
    readonly actual: number,
  ) {
    super(`${stream} is at revision ${actual}, not ${expected}.`);
  }
}

export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
  readonly code = 'event_too_large';
}

/** The store cannot be reached, is full or refuses to work. An append that ends so may have happened. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code = 'unavailable';
}

/** What the store holds cannot be trusted: a damaged file, another format, a checksum that does not match. */
export class Corrupted extends Error {
  override readonly name = 'Corrupted';
  readonly code = 'corrupted';
}

/** Whether an error of any copy of this module carries the code: adapters are loaded on demand, class identity is not relied on. */
export function hasCode<C extends string>(error: unknown, code: C): error is Error & { readonly code: C } {
  return error instanceof Error && 'code' in error && error.code === code;
}
