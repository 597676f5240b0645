import {
  bucketOf,
  type CartEvent,
  type CartView,
  emptyView,
  cartOfStream,
  partsOf,
  project,
} from '@cartage/cart';
import { ShopLog } from '../rebuild/shop-log.ts';

const eventsPerCart = 20;
const day = 24 * 60 * 60 * 1000;

/** The views of so many carts of a shop's log that ends now, those that will soon be purged left out, in {@link mixed} order. */
export function shopCarts(count: number, seed: number): readonly CartView[] {
  const now = Date.now();
  const views = new Map<string, CartView>();
  for (const { stream, events } of new ShopLog(count * eventsPerCart, seed, now).appends()) {
    const id = cartOfStream(stream) ?? '';
    let view = views.get(id) ?? emptyView(id);
    for (const event of events) view = project(view, read(event), view.revision + 1);
    views.set(id, view);
  }
  const kept = [...views.values()].filter(({ purgeAt = Infinity }) => purgeAt > now + day);
  if (kept.length < count)
    throw new Error(`A log of ${count * eventsPerCart} events left ${kept.length} carts.`);
  return mixed(kept.slice(0, count), ({ id }) => id);
}

/** As it comes from a log: V8 writes what it parsed in half the time that it takes for text that was put together. */
const read = (event: CartEvent): CartEvent => JSON.parse(JSON.stringify(event)) as CartEvent;

/** Sorted by what has nothing to do with how an engine sorts: two that hold the same carts take them in the same order. */
export const mixed = <T>(items: readonly T[], idOf: (item: T) => string): readonly T[] =>
  items
    .map((item) => ({ item, id: idOf(item) }))
    .map((entry) => ({ ...entry, bucket: bucketOf(partsOf(entry.id).owner) }))
    .sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1))
    .map(({ item }) => item);
