import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type Position,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import type { Client } from './client.ts';
import { isSystem, toRecorded } from './event.ts';
import type { Feed } from './feed.ts';

/** Every so many windows of 32 records looked at, matching or not, the server says how far it is. */
const checkpointInterval = 8;

/** What the server says between the events. It goes through the same queue as they: told at once, it would overtake them. */
class Mark {
  readonly apply: (feed: Feed) => void;

  constructor(apply: (feed: Feed) => void) {
    this.apply = apply;
  }
}

/** A subscription to the log that fills a feed until it ends, for whatever reason. */
export class Subscription {
  readonly #feed: Feed;
  readonly #events: AllStreamSubscription;
  readonly ended: Promise<Error | undefined>;
  #isOver = false;
  #finish: (error?: Error) => void = () => undefined;
  /** When the server last said something, ms by `performance.now()`. */
  heardAt = performance.now();

  /** `end` is the head of the log from before: what it says "caught up" of is at least that. */
  constructor(client: Client, feed: Feed, prefixes: readonly string[] | undefined, end: bigint) {
    this.#feed = feed;
    const push = (apply: (feed: Feed) => void) => void this.#events.push(new Mark(apply));
    this.#events = client.subscribeToAll({
      fromPosition: feed.position < 0n ? START : { commit: feed.position, prepare: feed.position },
      filter: filterOf(prefixes, ({ commit }) => push((feed) => feed.reach(commit))),
    });
    this.#events.on('caughtUp', () => push((feed) => feed.goLive(end)));
    this.#events.on('fellBehind', () => push((feed) => feed.fallBehind()));
    this.#events.on('data', (item: AllStreamResolvedEvent | Mark) => this.#receive(item));
    this.ended = new Promise((resolve) => {
      this.#finish = (error) => {
        this.#isOver = true;
        resolve(error);
      };
    });
    // They stay for good: the driver may tell of an error when nobody waits any more.
    this.#events.on('error', (error) => this.#finish(error));
    this.#events.on('end', () => this.#finish()).on('close', () => this.#finish());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isPaused(): boolean {
    return this.#events.isPaused();
  }

  /** Goes on when there is room. */
  resume(): void {
    if (this.isPaused && !this.#isOver) this.#events.resume();
  }

  /** Nothing reaches the feed from now on. */
  end(): void {
    this.#finish();
    // Flowing, or its end would never come to pass.
    this.#events.resume();
    void this.#events.unsubscribe().catch(() => undefined);
  }

  #receive(item: AllStreamResolvedEvent | Mark): void {
    this.heardAt = performance.now();
    if (this.#isOver) return;
    const feed = this.#feed;
    if (item instanceof Mark) return item.apply(feed);
    const { event } = item;
    if (event && !isSystem(event.streamId)) feed.add(toRecorded(event));
    if (!feed.isFull) return;
    // A live subscription that is not read is dropped by the server: what is missed can as well be caught up with.
    if (feed.isLive) this.end();
    else this.#events.pause();
  }
}

/** What the server leaves out; its own streams are told by their first character. */
function filterOf(prefixes: readonly string[] | undefined, reached: (position: Position) => void) {
  const checkpointReached = (_: AllStreamSubscription, position: Position): void => reached(position);
  const options = { checkpointInterval, checkpointReached };
  if (!prefixes || prefixes.includes('')) return streamNameFilter({ ...options, regex: '^[^$]' });
  if (prefixes.length === 0) return streamNameFilter({ ...options, regex: '(?!)' });
  return streamNameFilter({ ...options, prefixes: [...prefixes] });
}
