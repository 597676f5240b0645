import type { EventStore, Recorded } from '@cartage/event-store';
import { Trouble } from './exit.ts';
import { Progress } from './progress.ts';

/**
 * Every event of the log up to position `end`, in batches and in order; those that were truncated may be among them. How far it
 * is, in the log's positions, is shown on stderr.
 *
 * @throws {Trouble} the store was closed meanwhile
 */
export async function* logUpTo(
  store: EventStore,
  end: bigint,
  label: string,
  prefixes?: readonly string[],
): AsyncGenerator<readonly Recorded[]> {
  if (end < 0n) return;
  const progress = new Progress(`${label} (log positions)`, Number(end) + 1);
  let reached = -1n;
  try {
    for await (const { events, position } of store.follow(undefined, prefixes ? { prefixes } : {})) {
      yield position > end ? events.filter((event) => event.position <= end) : events;
      progress.advance(Number(position - reached));
      reached = position;
      if (position >= end) return;
    }
    throw new Trouble('The event store was closed before its end was reached.');
  } finally {
    progress.end();
  }
}
