import type { Parked, PutResult, ReadStore } from '@cartage/read-store';
import type { Folded } from './folding.ts';
import type { ParkedCarts } from './parked.ts';
import { type Extent, extentOf, type Window } from './source.ts';

/** A window that was written, without what it held. */
export type Written = Extent & Pick<Folded, 'gaps' | 'skipped'> & Pick<PutResult, 'written' | 'stale'>;

const nothing: PutResult = { written: 0, stale: 0, oversized: [] };

/** Writes what a window came to. When it fails, nothing or a part was written, and repeating it is harmless. */
export async function writeViews(
  store: ReadStore,
  parked: ParkedCarts,
  window: Window,
  folded: Folded,
  now: number,
): Promise<Written> {
  for (const entry of folded.parked) await parked.save(entry);
  const put = folded.views.length === 0 ? nothing : await store.put(folded.views, 'fenced');
  for (const id of put.oversized) await parked.save(oversized(id, window, folded, now));
  const { gaps, skipped } = folded;
  return { ...extentOf(window), gaps, skipped, written: put.written, stale: put.stale };
}

function oversized(id: string, window: Window, { views }: Folded, parkedAt: number): Parked {
  const view = views.find((candidate) => candidate.id === id);
  return {
    id,
    revision: view?.revision ?? -1,
    position: `${window.carts.get(id)?.at(-1)?.position ?? window.position}`,
    reason: `The view is over the store's size limit: ${view?.lineCount} lines.`,
    parkedAt,
  };
}
