import type { CartView } from '@cartage/cart';
import type { ReadStore } from '../index.ts';

/** Reads the views over and over until stopped; then answers every step backwards it saw. */
export function watching(store: ReadStore, ids: readonly string[]): { stop(): Promise<readonly string[]> } {
  const backwards: string[] = [];
  let seen: readonly (CartView | undefined)[] = [];
  let stopped = false;
  const look = async (): Promise<void> => {
    const views = await store.getMany(ids);
    for (const [index, view] of views.entries()) {
      const before = seen[index]?.revision ?? -1;
      if ((view?.revision ?? -1) < before) backwards.push(`${ids[index]}: ${before} → ${view?.revision}`);
    }
    seen = views;
  };
  const done = (async () => {
    while (!stopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve));
    }
  })();
  const stop = async (): Promise<readonly string[]> => {
    stopped = true;
    await done;
    return backwards;
  };
  return { stop };
}
