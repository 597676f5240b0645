import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch, FollowOptions, Recorded } from '@cartage/event-store';
import { type Log, positionKey, readNumber } from './log.ts';
import { decode, isIn, verify } from './record.ts';
import type { Wakeups } from './wakeups.ts';

const eventsPerBatch = 1_000;
const bytesPerBatch = 4 * 1_048_576;
const shortestSleep = 2; // ms
const longestSleep = 25; // ms

export type Source = {
  /** Runs a batch's reading; undefined when the store is closed. */
  readonly view: <T>(look: (log: Log) => T) => T | undefined;
  readonly wakeups: Wakeups;
};

/**
 * Looks for new events when this process has written some, and else every 2 ms while others write, more rarely the longer
 * they do not. One batch is in memory: the next is read when the consumer asks for it.
 */
export async function* followLog(
  { view, wakeups }: Source,
  from: bigint | undefined,
  { prefixes, signal }: FollowOptions,
): AsyncGenerator<Batch> {
  const wanted = prefixes?.map((prefix) => Buffer.from(prefix));
  let position = from ?? -1n;
  let announced = false;
  let sleep = shortestSleep;
  while (!signal?.aborted) {
    const batch = view((log) => readBatch(log, position, wanted));
    if (!batch) return;
    if (batch.position > position || (batch.caughtUp && !announced)) {
      ({ position } = batch);
      announced ||= batch.caughtUp;
      sleep = shortestSleep;
      yield batch;
      await nextTurn();
    } else {
      await wakeups.sleep(sleep, signal);
      sleep = Math.min(sleep * 1.5, longestSleep);
    }
  }
}

function readBatch(log: Log, after: bigint, prefixes: readonly Buffer[] | undefined): Batch {
  const events: Recorded[] = [];
  let position = Number(after);
  let bytes = 0;
  for (const { key, value } of log.events.getRange({
    start: positionKey(position + 1),
    limit: eventsPerBatch,
  })) {
    position = readNumber(key, 0);
    verify(value, position);
    if (!prefixes || isIn(value, prefixes)) events.push(decode(value));
    bytes += value.length;
    if (bytes > bytesPerBatch) break;
  }
  return { events, position: BigInt(position), caughtUp: position >= log.lastPosition() };
}
