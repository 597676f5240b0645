import { setTimeout as sleep } from 'node:timers/promises';
import { canonical, type CartView } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import type { StoreUrl } from '@cartage/runtime';
import { messageOf } from '../exit.ts';
import { openExistingReadStore } from '../stores.ts';
import type { ShownCart } from './answers.ts';

/** How long, ms, a projection may stand still, or its store be out of reach, before its views are taken as they are. */
const patience = 15_000;
const pause = 100;
const page = 200;

/** `canonical`: what every store must hold, byte for byte; absent where there is no view. */
export type StoredCart = ShownCart & { readonly canonical?: string };

export type Stored = {
  readonly store: string;
  /** By cart id; absent when they were not compared, for this reason. */
  readonly views?: ReadonlyMap<string, StoredCart>;
  readonly reason?: string;
};

/** What each store holds of the carts the API showed. */
export const lookUp = (
  stores: readonly StoreUrl[],
  shown: readonly ShownCart[],
): Promise<readonly Stored[]> => Promise.all(stores.map((store) => lookInto(store, shown)));

async function lookInto(store: StoreUrl, shown: readonly ShownCart[]): Promise<Stored> {
  try {
    const opened = await openExistingReadStore(store);
    try {
      return { store: store.name, views: await storedViews(opened, shown) };
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { store: store.name, reason: messageOf(error) };
  }
}

/**
 * The stored views of carts, by id, once they are as new as what the API showed, or as they are when the projection stands
 * still for 15 s.
 *
 * @throws what the store failed with for 15 s
 */
async function storedViews(
  store: ReadStore,
  shown: readonly ShownCart[],
): Promise<ReadonlyMap<string, StoredCart>> {
  const stored = new Map<string, StoredCart>();
  let behind = shown;
  for (let stuckSince = Date.now(); ; await sleep(pause)) {
    const isPatient = Date.now() - stuckSince < patience;
    try {
      await readInto(stored, store, behind);
    } catch (error) {
      if (isPatient) continue;
      throw error;
    }
    const still = behind.filter(({ id, revision }) => (stored.get(id)?.revision ?? -1) < revision);
    if (still.length === 0 || !isPatient) return stored;
    if (still.length < behind.length) stuckSince = Date.now();
    behind = still;
  }
}

async function readInto(
  stored: Map<string, StoredCart>,
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
const asStored = (id: string, view: CartView | undefined): StoredCart => ({
  id,
  status: view?.status ?? 'none',
  revision: view?.revision ?? -1,
  lines: new Map(view?.lines.map(({ lineId, quantity }) => [lineId, quantity])),
  ...(view?.orderId !== undefined && { orderId: view.orderId }),
  ...(view && { canonical: canonical(view) }),
});
