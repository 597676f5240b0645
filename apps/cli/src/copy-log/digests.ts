import { createHash } from 'node:crypto';
import type { EventStore, Recorded } from '@cartage/event-store';
import { Trouble } from '../exit.ts';
import { logUpTo } from '../log.ts';

/** How many events a stream has, and a hash over all of them: id, revision, type, data and metadata. */
export type Digest = { readonly count: number; readonly hash: string };

/** The digests of a log's streams, event by event. */
export class Digests {
  readonly #of: string;
  readonly #streams = new Map<string, Digest>();

  /** `of` is what the log is called in messages. */
  constructor(of: string) {
    this.#of = of;
  }

  get(stream: string): Digest | undefined {
    return this.#streams.get(stream);
  }

  entries(): IterableIterator<[string, Digest]> {
    return this.#streams.entries();
  }

  get size(): number {
    return this.#streams.size;
  }

  /**
   * Answers the stream's digest with this event.
   *
   * @throws {Trouble} events of the stream are gone: those left cannot be told from another stream's
   */
  add({ stream, revision, id, type, data, metadata }: Recorded): Digest {
    const { count, hash } = this.#streams.get(stream) ?? { count: 0, hash: '' };
    if (revision !== count)
      throw new Trouble(
        `${this.#of} no longer holds the events of ${stream} before revision ${revision}: they were truncated and scavenged. Revisions would not be kept, so it cannot be copied.`,
      );
    const event = JSON.stringify([hash, id, revision, type, data, metadata ?? {}]);
    const digest = { count: count + 1, hash: createHash('sha256').update(event).digest('base64') };
    this.#streams.set(stream, digest);
    return digest;
  }
}

export async function digestsOf(store: EventStore, of: string, label: string): Promise<Digests> {
  const digests = new Digests(of);
  for await (const events of logUpTo(store, await store.head(), label))
    for (const event of events) digests.add(event);
  return digests;
}
