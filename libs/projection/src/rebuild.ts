import { type CartView, type PurgeWindow, streamPrefixes } from '@cartage/cart';
import { type EventStore, hasCode, type Recorded } from '@cartage/event-store';
import type { BucketRange, ReadStore } from '@cartage/read-store';
import { allBuckets, coveredTo } from './checkpoint.ts';
import { Projection } from './projection.ts';
import { restore } from './parked.ts';
import { isKept, marked, marksIn, RunMark, seededMark } from './run-mark.ts';
import { Seeding } from './seeding.ts';
import type { Until } from './stretch.ts';

export { TakenOver } from './run-mark.ts';

export type RebuildOptions = {
  readonly events: EventStore;
  /** A provisioned generation. */
  readonly store: ReadStore;
  /** Whether anybody reads or keeps the generation: its views are then fenced from the first on. */
  readonly inUse: boolean;
  readonly purgeWindow: PurgeWindow;
  readonly buckets?: BucketRange;
  /** Where it ends. By default it goes on, as a projection, when it has caught up. */
  readonly until?: Until;
  /** Ends at what is the end of the log now. */
  readonly once?: boolean;
  /** Events a second at most. */
  readonly rate?: number;
  /** As for a {@link Projection}. */
  readonly rest?: () => Promise<void>;
  readonly onError?: (error: Error) => void;
};

/** What was asked for cannot be had of this log and this generation. */
export class RebuildRefused extends Error {
  override readonly name = 'RebuildRefused';
  readonly code = 'rebuild_refused';
}

/**
 * Begins to fill a generation from the log, or goes on where an earlier run ended or was killed; an earlier run that is still
 * under way stops with {@link TakenOver}. Carts that may be purged already are left out. The log is read, never another store.
 *
 * @throws {RebuildRefused} the end is beyond the log's, or before what the generation holds already
 */
export async function rebuild(options: RebuildOptions): Promise<Projection> {
  const { events, store, buckets = allBuckets, purgeWindow, rate, rest, onError } = options;
  const head = await events.head();
  const until = options.until ?? (options.once ? { position: head } : undefined);
  const prefixes = streamPrefixes(buckets);
  const asOf = await timeOf(events, prefixes, options.until, head);
  const checkpoints = await store.checkpoints();
  const reached = coveredTo(checkpoints, buckets);
  if (reached !== undefined) await checkReached(events, reached, options.until);
  const mark = await RunMark.set(store, buckets);
  const repair = async (views: readonly CartView[]): Promise<void> => {
    for (const { id } of views) await restore(events, store, id, purgeWindow, until);
  };
  const onDone = (): Promise<void> => store.saveCheckpoint(seededMark(buckets), 1n);
  const mode = options.inUse || isKept(checkpoints, buckets) ? 'fenced' : 'fresh';
  const isFirst = mode === 'fresh' && marksIn(checkpoints, buckets).size === 0;
  const seeding = { store, mode, asOf, isEmpty: isFirst && (await isEmpty(store)), onDone } as const;
  return new Projection({
    events,
    store: marked(store, mark, repair),
    purgeWindow,
    buckets,
    seeding: new Seeding(seeding),
    ...(until && { until }),
    ...(rate !== undefined && { rate }),
    ...(rest && { rest }),
    ...(onError && { onError }),
  });
}

/** Of all buckets: to look for rows of some only may take as long as to read all of them. */
async function isEmpty(store: ReadStore): Promise<boolean> {
  if ((await store.parked()).length > 0) return false;
  try {
    for await (const page of store.scan()) if (page.length > 0) return false;
    return true;
  } catch (error) {
    if (hasCode(error, 'corrupted')) return false;
    throw error;
  }
}

/** As of when carts may be purged: the time of the end. */
async function timeOf(
  events: EventStore,
  prefixes: readonly string[],
  until: Until | undefined,
  head: bigint,
): Promise<number> {
  if (!until) return Date.now();
  if ('time' in until) {
    if (until.time <= Date.now()) return until.time;
    throw new RebuildRefused('The time to rebuild up to is in the future.');
  }
  if (until.position > head)
    throw new RebuildRefused(
      `The position to rebuild up to is ${until.position}, but the log ends at ${head}.`,
    );
  const last = await eventAt(events, until.position, prefixes);
  return last ? decidedAt(last) : Date.now();
}

/** @throws {RebuildRefused} the generation holds more than is wanted */
async function checkReached(events: EventStore, reached: bigint, until: Until | undefined): Promise<void> {
  if (!until) return;
  const last = 'time' in until ? await eventAt(events, reached) : undefined;
  const isBeyond = 'time' in until ? (last?.recordedAt ?? 0) > until.time : reached > until.position;
  if (isBeyond)
    throw new RebuildRefused(
      `The generation is at position ${reached} already, beyond what is wanted: drop it, or choose another.`,
    );
}

/** The event at the position, or the first after it. */
async function eventAt(
  events: EventStore,
  position: bigint,
  prefixes?: readonly string[],
): Promise<Recorded | undefined> {
  for await (const batch of events.follow(position - 1n, prefixes ? { prefixes } : {})) {
    if (batch.events[0] || batch.caughtUp) return batch.events[0];
  }
  return undefined;
}

/** The time the domain knows, which a copy of the log keeps. */
function decidedAt({ data, recordedAt }: Recorded): number {
  const at = (data as { readonly at?: unknown } | null)?.at;
  return typeof at === 'number' ? at : recordedAt;
}
