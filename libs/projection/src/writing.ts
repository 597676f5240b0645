import type { CartView } from '@cartage/cart';
import type { Parked, PutMode, PutResult } from '@cartage/read-store';
import type { Folded } from './folding.ts';
import type { ParkedCarts } from './parked.ts';
import type { ProjectedStore } from './projected-store.ts';
import type { Extent, Gathering, Window } from './source.ts';

/** A window that was written, without what it held. */
export type Written = Extent &
  Pick<Folded, 'gaps' | 'skipped' | 'events' | 'begun'> &
  Pick<PutResult, 'written' | 'stale'> & {
    /** Carts left out because they may be purged already. */
    readonly expired: number;
  };

/** How views go into a store that is filled for the first time. */
export type Seeding = {
  readonly mode: PutMode;
  /** Carts that may be purged at this time, ms since the epoch, are left out. */
  readonly asOf: number;
  /** Called when all views up to the end of the log are written, before the checkpoint says so. */
  readonly onDone: () => Promise<void>;
};

const nothing: PutResult = { written: 0, stale: 0, oversized: [] };

/**
 * Writes what a window came to: into a store that answers, or, as long as it is seeded, into one that nobody asks. When it fails,
 * nothing or a part was written, and repeating it is harmless.
 */
export async function writeViews(
  store: ProjectedStore,
  parked: ParkedCarts,
  { position, since, until, caughtUp }: Window<Gathering>,
  folded: Folded,
  now: number,
  seeding?: Seeding,
): Promise<Written> {
  for (const entry of folded.parked) await parked.save(entry);
  const views = seeding ? await withoutExpired(store, folded.views, seeding.asOf) : folded.views;
  const put = views.length === 0 ? nothing : await store.put(views, seeding?.mode ?? 'fenced');
  for (const id of put.oversized) await parked.save(oversized(id, folded, now));
  const { gaps, skipped, events, begun } = folded;
  const expired = folded.views.length - views.length;
  const { written, stale } = put;
  return { position, since, until, caughtUp, gaps, skipped, events, begun, expired, written, stale };
}

/** A cart of which the store has a row must be written all the same: the row says that the cart lives. */
async function withoutExpired(
  store: ProjectedStore,
  views: readonly CartView[],
  asOf: number,
): Promise<readonly CartView[]> {
  const isExpired = ({ purgeAt = Infinity }: CartView): boolean => purgeAt <= asOf;
  const expired = views.filter(isExpired).map(({ id }) => id);
  if (expired.length === 0) return views;
  const rows = await store.getMany(expired);
  const absent = new Set(expired.filter((_, at) => rows[at] === undefined));
  return views.filter(({ id }) => !absent.has(id));
}

function oversized(id: string, { views, positionOf }: Folded, parkedAt: number): Parked {
  const view = views.find((candidate) => candidate.id === id);
  return {
    id,
    revision: view?.revision ?? -1,
    position: `${positionOf(id)}`,
    reason: `The view is over the store's size limit: ${view?.lineCount} lines.`,
    parkedAt,
  };
}
