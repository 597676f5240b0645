import type { Batch, Recorded } from '@cartage/event-store';

/** How far a window reaches. */
export type Extent = {
  /** Every event up to and including this one is in this window or in one before it. */
  readonly position: bigint;
  /** When the first and the last event were recorded, ms since the epoch; undefined when there is none. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** Whether the window reaches the end of the log as it was when it was read. */
  readonly caughtUp: boolean;
};

/** What takes the events of a window in, one by one and in the log's order, and how large it has become. */
export type Gathering = {
  add(recorded: Recorded): void;
  readonly carts: number;
  readonly events: number;
  /** Memory it holds, about, in bytes. */
  readonly bytes: number;
};

/** A stretch of the log that is folded and written as one. */
export type Window<G extends Gathering> = Extent & { readonly gathered: G };

/** A window is closed when it is as large as this, or `ms` milliseconds after it was opened. */
export type Gear = {
  readonly carts: number;
  readonly events: number;
  readonly bytes: number;
  readonly ms: number;
};

export type Gears = {
  /** Near the end of the log, where a view is to be written soon. */
  readonly live: Gear;
  /** Far from it, where the fewer writes the better: of a cart's events in a window only the last state is written. */
  readonly catchUp: Gear;
  /** So many events in a row that did not reach the end of the log make it far. */
  readonly far: number;
};

const mebibyte = 1_048_576;
const bytes = 64 * mebibyte;

export const gears: Gears = {
  live: { carts: 500, events: 5_000, bytes, ms: 20 },
  catchUp: { carts: Infinity, events: 100_000, bytes, ms: 5_000 },
  far: 5_000,
};

/** For a store that nobody reads: nothing but memory, and what a crash costs, limits how far writes are put off. */
export const seedGears: Gears = {
  ...gears,
  far: 0,
  catchUp: { carts: Infinity, events: Infinity, bytes, ms: 30_000 },
};

/**
 * Gathers batches into windows. One that reaches the end of the log is handed out at once, be it empty. The next batch is asked
 * for only when the consumer comes back: its slowness reaches the log. `open` begins each window, in one of the gears as of then.
 */
export async function* windows<G extends Gathering>(
  batches: AsyncIterable<Batch>,
  open: () => G,
  gearsNow: () => Gears = () => gears,
): AsyncGenerator<Window<G>, void, undefined> {
  const source = batches[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Batch>> | undefined;
  let behind = 0;
  const next = (position?: bigint): OpenWindow<G> => {
    const { live, catchUp, far } = gearsNow();
    return new OpenWindow(open(), behind >= far ? catchUp : live, position);
  };
  let window = next();
  try {
    for (;;) {
      pending ??= source.next();
      const arrived = window.moved ? await within(pending, window.closesIn()) : await pending;
      if (arrived?.done) break;
      if (arrived) {
        pending = undefined;
        const { events, caughtUp } = arrived.value;
        behind = caughtUp ? 0 : behind + events.length;
        for (const recorded of events) {
          window.add(recorded);
          if (!window.isFull()) continue;
          yield window;
          window = next(window.position);
        }
        window.reach(arrived.value);
      }
      if (!window.caughtUp && !(window.moved && window.closesIn() <= 0)) continue;
      yield window;
      window = next(window.position);
    }
    if (window.moved) yield window;
  } finally {
    // Not awaited: it would wait for the batch that was asked for, which may come only when the log is closed.
    pending?.catch(ignore);
    source.return?.().catch(ignore);
  }
}

class OpenWindow<G extends Gathering> implements Window<G> {
  since: number | undefined;
  until: number | undefined;
  caughtUp = false;
  moved = false;
  #openedAt = 0;

  constructor(
    readonly gathered: G,
    private readonly gear: Gear,
    public position = -1n,
  ) {}

  add(recorded: Recorded): void {
    this.#moveTo(recorded.position);
    this.since ??= recorded.recordedAt;
    this.until = recorded.recordedAt;
    this.gathered.add(recorded);
  }

  reach({ position, caughtUp }: Batch): void {
    if (position > this.position) this.#moveTo(position);
    this.caughtUp = caughtUp;
  }

  isFull(): boolean {
    const { carts, events, bytes: held } = this.gathered;
    return carts >= this.gear.carts || events >= this.gear.events || held >= this.gear.bytes;
  }

  /** In how many ms the window is due. */
  closesIn(): number {
    return this.#openedAt + this.gear.ms - performance.now();
  }

  #moveTo(position: bigint): void {
    if (!this.moved) this.#openedAt = performance.now();
    this.moved = true;
    this.position = position;
  }
}

/** What the promise resolves to, or undefined when that takes longer than `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const ignore = (): void => {};
