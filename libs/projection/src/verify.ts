import {
  cartOfStream,
  type CartView,
  canonical,
  decodeEvent,
  emptyView,
  project,
  type PurgeWindow,
  streamOf,
  streamPrefixes,
} from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import type { BucketRange, ReadStore } from '@cartage/read-store';
import { allBuckets, coveredTo } from './checkpoint.ts';

export type Verified = {
  /** Views compared with the fold of their streams. */
  readonly views: number;
  /** Carts that differ, in a sentence each; at most the first hundred. */
  readonly differences: readonly string[];
  readonly differing: number;
};

export type VerifyOptions = {
  readonly events: EventStore;
  readonly store: ReadStore;
  readonly buckets?: BucketRange;
  readonly purgeWindow: PurgeWindow;
  /** As of when carts may be missing because they may be purged, ms since the epoch. */
  readonly asOf: number;
  readonly signal?: AbortSignal;
};

const most = 100;
const atOnce = 500;

/**
 * Compares every view of a store with the fold of its cart's stream, and looks for carts that the store lacks. It may be kept
 * meanwhile: a view must be as new as the checkpoint was at the beginning, and equal its cart as of its own revision. Memory
 * does not grow with the number of carts.
 */
export async function verify(options: VerifyOptions): Promise<Verified> {
  const { events, store, buckets = allBuckets, signal } = options;
  const covered = coveredTo(await store.checkpoints(), buckets) ?? -1n;
  const parked = new Set((await store.parked()).map(({ id }) => id));
  const differences: string[] = [];
  let differing = 0;
  const note = (difference: string | undefined): void => {
    if (difference === undefined) return;
    differing += 1;
    if (differences.length < most) differences.push(difference);
  };
  let views = 0;
  for await (const page of store.scan(buckets)) {
    if (signal?.aborted) break;
    for (const view of page.filter(({ id }) => !parked.has(id))) note(await compare(events, view, covered));
    views += page.length;
  }
  for await (const ids of cartsBegun(events, buckets, covered, signal)) {
    const rows = await store.getMany(ids);
    for (const id of ids.filter((_, at) => rows[at] === undefined))
      if (!parked.has(id)) note(await missing(options, id, covered));
  }
  return { views, differences, differing };
}

/** In what a stored view differs from the log. */
async function compare(events: EventStore, stored: CartView, covered: bigint): Promise<string | undefined> {
  const { id, revision } = stored;
  let folded = emptyView(id);
  let alike: CartView | undefined;
  try {
    for await (const recorded of events.read(streamOf(id))) {
      if (recorded.revision > revision && recorded.position > covered) break;
      folded = project(folded, decodeEvent(recorded), recorded.revision);
      if (recorded.revision === revision) alike = folded;
    }
  } catch (error) {
    if (!hasCode(error, 'undecodable')) throw error;
    return `${id} cannot be folded, and is not parked: ${error.message}`;
  }
  if (folded.revision > revision)
    return `${id} is stored at revision ${revision}, the log has ${folded.revision}`;
  if (!alike) return `${id} is stored at revision ${revision}, and not in the log`;
  if (canonical(alike) === canonical(stored)) return undefined;
  return `${id}: stored ${canonical(stored)}, folded ${canonical(alike)}`;
}

async function missing(
  { events, purgeWindow, asOf }: VerifyOptions,
  id: string,
  covered: bigint,
): Promise<string | undefined> {
  let view = emptyView(id);
  for await (const recorded of events.read(streamOf(id))) {
    if (recorded.position > covered) break;
    view = project(view, decodeEvent(recorded), recorded.revision, purgeWindow);
  }
  if (view.revision < 0 || (view.purgeAt ?? Infinity) <= asOf) return undefined;
  return `${id} is in the log up to revision ${view.revision}, and not stored`;
}

/** The carts whose first event lies at or before the position. */
async function* cartsBegun(
  events: EventStore,
  buckets: BucketRange,
  upTo: bigint,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[]> {
  if (upTo < 0n) return;
  const follow = { prefixes: streamPrefixes(buckets), ...(signal && { signal }) };
  let ids: string[] = [];
  for await (const { events: batch, position } of events.follow(undefined, follow)) {
    for (const { stream, revision, position: at } of batch) {
      const id = revision === 0 && at <= upTo ? cartOfStream(stream) : undefined;
      if (id !== undefined) ids.push(id);
    }
    if (ids.length >= atOnce || position >= upTo) {
      yield ids;
      ids = [];
    }
    if (position >= upTo) return;
  }
}
