import { convertToCommandError } from '@eventstore/db-client';
import type { Client } from './client.ts';
import { isSystem } from './event.ts';
import type { Feed } from './feed.ts';
import { followRequest } from './follow-request.ts';
import type { LogMessage } from './log-message.ts';

type Call = Awaited<ReturnType<Client['follow']>>;

/**
 * A subscription to the log that fills a feed until it ends, for whatever reason. The driver's takes twice as long an event, and
 * tells what the server says between the events before the events that wait in its queue.
 */
export class Subscription {
  readonly #feed: Feed;
  /** The head of the log from before: what it says "caught up" of is at least that. */
  readonly #head: bigint;
  readonly ended: Promise<Error | undefined>;
  #call: Call | undefined;
  #isOver = false;
  #finish: (error?: Error) => void = () => undefined;
  /** When the server last said something, ms by `performance.now()`. */
  heardAt = performance.now();

  constructor(client: Client, feed: Feed, prefixes: readonly string[] | undefined, head: bigint) {
    this.#feed = feed;
    this.#head = head;
    this.ended = new Promise((resolve) => {
      this.#finish = (error) => {
        this.#isOver = true;
        resolve(error);
      };
    });
    client
      .follow(followRequest(feed.position, prefixes))
      .then((call) => this.#begin(call))
      .catch((error: Error) => this.#finish(error));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isPaused(): boolean {
    return this.#call?.isPaused() ?? false;
  }

  /** Goes on when there is room. */
  resume(): void {
    if (this.isPaused && !this.#isOver) this.#call?.resume();
  }

  /** Nothing reaches the feed from now on. */
  end(): void {
    this.#finish();
    // Flowing, or its end would never come to pass.
    this.#call?.resume();
    this.#call?.cancel();
  }

  #begin(call: Call): void {
    this.#call = call;
    // They stay for good: an error may be told when nobody waits any more.
    call.on('error', (error) => this.#finish(convertToCommandError(error)));
    call.on('end', () => this.#finish()).on('close', () => this.#finish());
    call.on('data', (message: LogMessage) => this.#receive(message));
    if (this.#isOver) this.end();
  }

  #receive(message: LogMessage): void {
    this.heardAt = performance.now();
    if (this.#isOver) return;
    switch (message.kind) {
      case 'event':
        if (!isSystem(message.event.stream)) this.#feed.add(message.event);
        return this.#makeRoom();
      case 'checkpoint':
        return this.#feed.reach(message.position);
      case 'caughtUp':
        return this.#feed.goLive(this.#head);
      case 'fellBehind':
        return this.#feed.fallBehind();
      case 'other':
    }
  }

  #makeRoom(): void {
    if (!this.#feed.isFull) return;
    // A live subscription that is not read is dropped by the server: what is missed can as well be caught up with.
    if (this.#feed.isLive) this.end();
    else this.#call?.pause();
  }
}
