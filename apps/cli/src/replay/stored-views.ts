import { setTimeout as sleep } from 'node:timers/promises';
import type { CartView } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import type { StoreUrl } from '@cartage/runtime';
import { messageOf } from '../exit.ts';
import { openExistingReadStore } from '../stores.ts';
import type { ShownCart } from './answers.ts';

/** How long, ms, a projection may stand still before its views are taken as they are. */
const patience = 15_000;
const pause = 100;
const page = 200;

export type Stored = {
  /** By cart id; absent when they were not compared, for this reason. */
  readonly views?: ReadonlyMap<string, ShownCart>;
  readonly reason?: string;
};

/** What the store holds of the carts the API showed. */
export async function lookUp(store: StoreUrl | undefined, shown: readonly ShownCart[]): Promise<Stored> {
  if (!store) return { reason: 'not asked for' };
  const opened = await openExistingReadStore(store).catch(messageOf);
  if (typeof opened === 'string') return { reason: opened };
  try {
    return { views: await storedViews(opened, shown) };
  } finally {
    await opened.close();
  }
}

/**
 * The stored views of carts, by id, once they are as new as what the API showed, or as they are when the projection stands
 * still for 15 s.
 */
async function storedViews(
  store: ReadStore,
  shown: readonly ShownCart[],
): Promise<ReadonlyMap<string, ShownCart>> {
  const stored = new Map<string, ShownCart>();
  let behind = shown;
  for (let waited = 0; ; waited += pause) {
    await readInto(stored, store, behind);
    const still = behind.filter(({ id, revision }) => (stored.get(id)?.revision ?? -1) < revision);
    if (still.length === 0 || waited >= patience) return stored;
    if (still.length < behind.length) waited = 0;
    behind = still;
    await sleep(pause);
  }
}

async function readInto(
  stored: Map<string, ShownCart>,
  store: ReadStore,
  carts: readonly ShownCart[],
): Promise<void> {
  for (let at = 0; at < carts.length; at += page) {
    const ids = carts.slice(at, at + page).map(({ id }) => id);
    const views = await store.getMany(ids);
    ids.forEach((id, index) => stored.set(id, asStored(id, views[index])));
  }
}

/** A view in the shape of an answer; a cart that never was is stored nowhere. */
const asStored = (id: string, view: CartView | undefined): ShownCart => ({
  id,
  status: view?.status ?? 'none',
  revision: view?.revision ?? -1,
  lines: new Map(view?.lines.map(({ lineId, quantity }) => [lineId, quantity])),
  ...(view?.orderId !== undefined && { orderId: view.orderId }),
});
