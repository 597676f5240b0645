import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Batch, FollowOptions } from '@cartage/event-store';
import { UnknownError } from '@eventstore/db-client';
import { Feed } from './feed.ts';
import type { Lane } from './lane.ts';
import { headOf } from './read.ts';
import { Subscription } from './subscription.ts';

const mostRefusals = 3;
const shortestPause = 100; // ms, before the second attempt to subscribe
const longestPause = 5_000; // ms
const tick = 1_000; // ms between looks at a subscription that says nothing
const liveSilence = 2_000; // ms without a word while the log goes on
const catchUpSilence = 10_000; // ms without a word on the way there: a server may be busy
const longestSilence = 60_000; // ms, after several of them

/**
 * Subscribes again and again, from the last position delivered: after an error, an end, and a silence in which the log has
 * moved on. The latter also passes stretches without a match that are too short for a checkpoint of the server's.
 *
 * @throws {RangeError} `from` is no position of this log
 */
export async function* followLog(
  reader: Lane,
  from: bigint | undefined,
  { prefixes, signal }: FollowOptions,
  closed: AbortSignal,
): AsyncGenerator<Batch> {
  const sources = signal ? [signal, closed] : [closed];
  if (sources.some(({ aborted }) => aborted)) return;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  for (const source of sources) source.addEventListener('abort', end);
  const follower = new Follower(reader, new Feed(from ?? -1n), prefixes, ending.signal);
  try {
    yield* follower.batches();
  } finally {
    end();
    for (const source of sources) source.removeEventListener('abort', end);
  }
}

class Follower {
  readonly #reader: Lane;
  readonly #feed: Feed;
  readonly #prefixes: readonly string[] | undefined;
  readonly #ending: AbortSignal;
  #subscription: Subscription | undefined;
  #refusals = 0;

  constructor(reader: Lane, feed: Feed, prefixes: readonly string[] | undefined, ending: AbortSignal) {
    this.#reader = reader;
    this.#feed = feed;
    this.#prefixes = prefixes;
    this.#ending = ending;
    ending.addEventListener('abort', () => {
      this.#subscription?.end();
      feed.wake();
    });
  }

  async *batches(): AsyncGenerator<Batch> {
    void this.#run();
    while (!this.#ending.aborted) {
      if (this.#refusals >= mostRefusals) throw noPosition(this.#feed.position, this.#reader.place);
      const changed = this.#feed.changed();
      const batch = this.#feed.take();
      this.#subscription?.resume();
      if (batch) yield batch;
      else await changed;
      // What comes in one turn comes in one batch.
      await nextTurn();
    }
  }

  /** Never rejects; ends with the iteration. */
  async #run(): Promise<void> {
    const feed = this.#feed;
    let failures = 0;
    while (!this.#ending.aborted && this.#refusals < mostRefusals) {
      const before = feed.position;
      const isProgress = await this.#subscribe(failures).then(
        () => feed.isLive || feed.position > before,
        () => false,
      );
      feed.fallBehind();
      failures = isProgress ? 0 : failures + 1;
      if (!feed.isFull) await this.#pause(failures);
      while (feed.isFull && !this.#ending.aborted) await feed.changed();
    }
    feed.wake();
  }

  /** Resolves when the subscription is over. @throws {Unavailable} the log cannot be reached */
  async #subscribe(failures: number): Promise<void> {
    const [feed, end] = [this.#feed, await headOf(this.#reader)];
    if (this.#ending.aborted) return;
    // The server would say nothing until its log has grown beyond the position.
    if (feed.position > end) return feed.goLive(end);
    const before = feed.position;
    const subscription = new Subscription(this.#reader.client, feed, this.#prefixes, end);
    this.#subscription = subscription;
    try {
      const error = await Promise.race([subscription.ended, this.#silence(subscription, failures)]);
      const isRefused = error instanceof UnknownError && feed.position === before && !feed.isLive;
      this.#refusals = isRefused ? this.#refusals + 1 : 0;
    } finally {
      this.#subscription = undefined;
      subscription.end();
    }
  }

  /** Resolves when the subscription says nothing although the log has moved on. @throws {Unavailable} it cannot be reached */
  async #silence(subscription: Subscription, failures: number): Promise<void> {
    const feed = this.#feed;
    for (;;) {
      await Promise.race([sleep(tick, undefined, { ref: false }), subscription.ended]);
      if (subscription.isOver) return;
      const allowed = feed.isLive ? liveSilence : Math.min(longestSilence, catchUpSilence * 2 ** failures);
      if (subscription.isPaused || performance.now() - subscription.heardAt < allowed) continue;
      const [before, head] = [feed.position, await headOf(this.#reader)];
      if (head > before && feed.position === before && !subscription.isPaused) return;
    }
  }

  /** Full jitter, so that followers which lost one server do not come back as one. */
  async #pause(failures: number): Promise<void> {
    const most = Math.min(longestPause, shortestPause * 2 ** failures);
    await sleep(Math.random() * most, undefined, { signal: this.#ending, ref: false }).catch(() => undefined);
  }
}

const noPosition = (position: bigint, place: string): RangeError =>
  new RangeError(
    `The log of ${place} has no event at position ${position}: it is of another log. What was built from that one is to be built anew.`,
  );
