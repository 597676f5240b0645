import type { Parked, PutResult } from '@cartage/read-store';
import type { Folded, MovedCart } from './folding.ts';
import type { Seeding } from './seeding.ts';
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

const nothing: PutResult = { written: 0, stale: 0, oversized: [] };

/** Writes what a window came to. When it fails, nothing or a part was written, and repeating it is harmless. */
export async function writeViews(
  store: ProjectedStore,
  parked: ParkedCarts,
  { position, since, until, caughtUp }: Window<Gathering>,
  folded: Folded,
  now: number,
  seeding?: Seeding,
): Promise<Written> {
  for (const entry of folded.parked) await parked.save(entry);
  const carts = seeding ? await seeding.rest(folded.moved) : folded.moved;
  const views = carts.map(({ view }) => view);
  const put = views.length === 0 ? nothing : await store.put(views, seeding?.mode ?? 'fenced');
  for (const id of put.oversized) await parked.save(oversized(id, carts, now));
  const { gaps, skipped, events, begun } = folded;
  const expired = folded.moved.length - carts.length;
  const { written, stale } = put;
  return { position, since, until, caughtUp, gaps, skipped, events, begun, expired, written, stale };
}

function oversized(id: string, carts: readonly MovedCart[], parkedAt: number): Parked {
  const cart = carts.find((candidate) => candidate.id === id);
  return {
    id,
    revision: cart?.view.revision ?? -1,
    position: `${cart?.position ?? -1n}`,
    reason: `The view is over the store's size limit: ${cart?.view.lineCount} lines.`,
    parkedAt,
  };
}
