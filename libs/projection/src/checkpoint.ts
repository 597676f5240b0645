import { setTimeout as sleep } from 'node:timers/promises';
import { bucketCount } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import type { BucketRange, ReadStore } from '@cartage/read-store';

const secondLook = 250; // ms

type Checkpoints = ReadonlyMap<string, bigint>;

export const allBuckets: BucketRange = { from: 0, to: bucketCount - 1 };

/** The checkpoint of a projection, by the buckets it keeps. */
export const checkpointOf = ({ from, to }: BucketRange): string => `carts.${from}-${to}`;

/** The checkpoint of the projection of all carts. */
export const cartsCheckpoint = checkpointOf(allBuckets);

/** The buckets of a projection's checkpoint; undefined when the name is none of one. */
export const bucketsOf = (name: string): BucketRange | undefined => rangeIn(name, 'carts');

/** The range in a name such as `carts.0-4999`; undefined in one of another kind. */
export function rangeIn(name: string, kind: string): BucketRange | undefined {
  const [, found, from, to] = /^(\w+)\.(\d{1,4})-(\d{1,4})$/.exec(name) ?? [];
  return found === kind ? { from: Number(from), to: Number(to) } : undefined;
}

export const isIn = ({ from, to }: BucketRange, bucket: number): boolean => from <= bucket && bucket <= to;

export const overlap = (a: BucketRange, b: BucketRange): boolean => a.from <= b.to && b.from <= a.to;

/**
 * How far all carts of these buckets are projected, whatever ranges they were split into: of each bucket counts the highest
 * checkpoint that covers it, of the range its lowest bucket. Undefined when one of them is covered by none.
 *
 * A checkpoint stays true for ever: what was written is not taken back. So those of a former split count as well.
 */
export function coveredTo(checkpoints: Checkpoints, { from, to }: BucketRange): bigint | undefined {
  const ranges = overlapping(checkpoints, { from, to });
  let lowest: bigint | undefined;
  // Between two neighbouring bounds all buckets are covered alike.
  const bounds = new Set([from, ...ranges.flatMap(([, range]) => [range.from, range.to + 1])]);
  for (const bucket of bounds) {
    if (!isIn({ from, to }, bucket)) continue;
    const reached = highest(ranges.filter(([, range]) => isIn(range, bucket)));
    if (reached === undefined) return undefined;
    if (lowest === undefined || reached < lowest) lowest = reached;
  }
  return lowest;
}

/** A read store is ahead of the log: it was built from another log, or the log was restored from an older backup. */
export class CheckpointBeyondLog extends Error {
  override readonly name = 'CheckpointBeyondLog';
  readonly code = 'checkpoint_beyond_log';

  constructor(checkpoint: string, position: bigint, head: bigint) {
    super(
      `The checkpoint "${checkpoint}" is at position ${position}, but the log ends at ${head}: this read store was built from ` +
        'another log, or the log was restored from an older backup. Configure the log the store was built from, or start ' +
        'another generation of the store (?generation=v2), which is then filled from this log.',
    );
  }
}

/**
 * How far the named follower has come; undefined when it has not begun.
 *
 * @throws {CheckpointBeyondLog} following from there would silently pass over events
 */
export async function loadCheckpoint(
  events: EventStore,
  store: Pick<ReadStore, 'checkpoints'>,
  name: string,
): Promise<bigint | undefined> {
  const position = (await store.checkpoints()).get(name);
  if (position !== undefined) await checkWithin(events, name, position);
  return position;
}

/**
 * From where the projection of these buckets goes on: {@link coveredTo}.
 *
 * @throws {CheckpointBeyondLog} a checkpoint of any of them is
 */
export async function loadCovered(
  events: EventStore,
  store: Pick<ReadStore, 'checkpoints'>,
  buckets: BucketRange,
): Promise<bigint | undefined> {
  const checkpoints = await store.checkpoints();
  for (const [name, , position] of overlapping(checkpoints, buckets))
    await checkWithin(events, name, position);
  return coveredTo(checkpoints, buckets);
}

/** Looks twice. @throws {CheckpointBeyondLog} `position`, which was reached before this call, is beyond the log's end */
export async function checkWithin(
  events: Pick<EventStore, 'head'>,
  name: string,
  position: bigint,
): Promise<void> {
  if (position <= (await events.head())) return;
  // Who reads a log may be shown a moment ago for a moment. A false alarm would end the projection.
  await sleep(secondLook);
  const head = await events.head();
  if (position > head) throw new CheckpointBeyondLog(name, position, head);
}

type Entry = readonly [name: string, range: BucketRange, position: bigint];

function overlapping(checkpoints: Checkpoints, buckets: BucketRange): readonly Entry[] {
  return [...checkpoints].flatMap(([name, position]): Entry[] => {
    const range = bucketsOf(name);
    return range && overlap(range, buckets) ? [[name, range, position]] : [];
  });
}

const highest = (entries: readonly Entry[]): bigint | undefined =>
  entries
    .map(([, , position]) => position)
    .sort((a, b) => (a < b ? -1 : 1))
    .at(-1);
