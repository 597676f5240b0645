import { cartOfStream } from '@cartage/cart';
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

/** A stretch of the log that is folded and written as one. */
export type Window = Extent & {
  /** The events of each cart by cart id, oldest first. */
  readonly carts: ReadonlyMap<string, readonly Recorded[]>;
  /** Events of streams that are no cart's. */
  readonly foreign: number;
};

export const extentOf = ({ position, since, until, caughtUp }: Window): Extent => ({
  position,
  since,
  until,
  caughtUp,
});

/** A window is closed at `carts` carts, or `ms` milliseconds after it was opened. */
export type WindowLimits = { readonly carts: number; readonly ms: number };

export const live: WindowLimits = { carts: 500, ms: 20 };

/**
 * Gathers batches into windows. One that reaches the end of the log is handed out at once, be it empty. The next batch is asked
 * for only when the consumer comes back: its slowness reaches the log.
 */
export async function* windows(
  batches: AsyncIterable<Batch>,
  limits: WindowLimits = live,
): AsyncGenerator<Window, void, undefined> {
  const source = batches[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Batch>> | undefined;
  let window = new OpenWindow(limits);
  try {
    for (;;) {
      pending ??= source.next();
      const arrived = window.moved ? await within(pending, window.closesIn()) : await pending;
      if (arrived?.done) break;
      if (arrived) {
        pending = undefined;
        for (const recorded of arrived.value.events) {
          window.add(recorded);
          if (window.carts.size < limits.carts) continue;
          yield window;
          window = new OpenWindow(limits, window.position);
        }
        window.reach(arrived.value);
      }
      if (!window.caughtUp && !(window.moved && window.closesIn() <= 0)) continue;
      yield window;
      window = new OpenWindow(limits, window.position);
    }
    if (window.moved) yield window;
  } finally {
    // Not awaited: it would wait for the batch that was asked for, which may come only when the log is closed.
    pending?.catch(ignore);
    source.return?.().catch(ignore);
  }
}

class OpenWindow implements Window {
  readonly carts = new Map<string, Recorded[]>();
  foreign = 0;
  since: number | undefined;
  until: number | undefined;
  caughtUp = false;
  moved = false;
  #openedAt = 0;

  constructor(
    private readonly limits: WindowLimits,
    public position = -1n,
  ) {}

  add(recorded: Recorded): void {
    this.#moveTo(recorded.position);
    this.since ??= recorded.recordedAt;
    this.until = recorded.recordedAt;
    const id = cartOfStream(recorded.stream);
    if (id === undefined) this.foreign += 1;
    else if (!this.carts.get(id)?.push(recorded)) this.carts.set(id, [recorded]);
  }

  reach({ position, caughtUp }: Batch): void {
    if (position > this.position) this.#moveTo(position);
    this.caughtUp = caughtUp;
  }

  /** In how many ms the window is due. */
  closesIn(): number {
    return this.#openedAt + this.limits.ms - performance.now();
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
