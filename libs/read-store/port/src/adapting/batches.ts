import type { CartView } from '@cartage/cart';

/** Of several versions of a cart in one batch the newest, in the order in which the carts first come by. */
export function newestOf(views: readonly CartView[]): readonly CartView[] {
  const newest = new Map<string, CartView>();
  for (const view of views)
    if (view.revision > (newest.get(view.id)?.revision ?? -1)) newest.set(view.id, view);
  return [...newest.values()];
}

/** What one request may hold at the most. */
export type BatchLimits = { readonly items: number; readonly bytes: number };

/** The items in their order, in batches within the limits; one that is over `bytes` by itself is alone in its batch. */
export function batchesOf<T extends { readonly bytes: number }>(
  items: readonly T[],
  most: BatchLimits,
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let room: BatchLimits = { items: 0, bytes: 0 };
  for (const item of items) {
    if (room.items === 0 || room.bytes < item.bytes) {
      batches.push([]);
      room = most;
    }
    batches.at(-1)?.push(item);
    room = { items: room.items - 1, bytes: room.bytes - item.bytes };
  }
  return batches;
}
