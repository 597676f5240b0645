import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDbEventStore } from '../index.ts';

/**
 * A process that follows streams and sleeps 50 ms over each batch, until so many events came. It says so when the log was
 * empty at its beginning, and reports in the end what it saw. Started by the spec as `node --expose-gc slow-follower.ts <url> <prefix> <count>`.
 */
export type Followed = {
  readonly events: number;
  readonly batches: number;
  readonly largestBatch: number;
  /** Events that came twice, too early or not at all: by their stream and revision. */
  readonly astray: readonly string[];
  /** Bytes alive beyond those before the first event, at most. */
  readonly held: number;
};

const pause = 50; // ms
const [url = '', prefix = '', count = '0'] = process.argv.slice(2);
const store = await EventStoreDbEventStore.open(url);
const before = alive();
const heads = new Map<string, number>();
const astray: string[] = [];
let [events, batches, largestBatch, held, last] = [0, 0, 0, 0, -1n];
for await (const batch of store.follow(undefined, { prefixes: [prefix] })) {
  if (batch.caughtUp && batches === 0) process.send?.('following');
  for (const { stream, revision, position } of batch.events) {
    if (revision !== (heads.get(stream) ?? -1) + 1 || position <= last) astray.push(`${stream} ${revision}`);
    heads.set(stream, revision);
    last = position;
  }
  events += batch.events.length;
  batches += 1;
  largestBatch = Math.max(largestBatch, batch.events.length);
  await sleep(pause);
  held = Math.max(held, alive() - before);
  if (events >= Number(count)) break;
}
await store.close();
process.send?.({ events, batches, largestBatch, astray, held } satisfies Followed);
process.disconnect();

function alive(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
