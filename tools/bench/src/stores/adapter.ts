import type { CartView } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import { Unavailable } from '@cartage/read-store/adapting';
import type { Work } from './work.ts';

/** Carts in a put, fewer than the projection has when it catches up, with 100,000 events a window; and gets at once. */
export const viewsInPut = 2_000;
export const getsAtOnce = 100;

/** A view that goes on: each write of it is of its next revision. */
export type Going = { -readonly [Field in keyof CartView]: CartView[Field] };

/** What a projector and an API ask of a store. */
export function worksOn(
  store: ReadStore,
  views: readonly Going[],
): { readonly write: Work; readonly read: Work } {
  return {
    write: {
      batch: viewsInPut,
      lanes: 1,
      run: async (from, count) => {
        const batch = views.slice(from, from + count);
        for (const view of batch) {
          view.revision += 1;
          view.writeTime += 1;
        }
        const { written } = await store.put(batch, 'fenced');
        // Refused as not newer: the adapter sent them twice, as no answer came to the first.
        if (written !== count) throw new Unavailable(`Of ${count} newer views, ${written} were written.`);
      },
    },
    read: {
      batch: 1,
      lanes: getsAtOnce,
      run: async (from) => {
        const id = views[from]?.id ?? '';
        if (!(await store.get(id))) throw new Error(`${id} is not in the store.`);
      },
    },
  };
}
