import type { ReadStore } from '../index.ts';

/** Closes the store whatever comes of the body. */
export async function using(
  opening: Promise<ReadStore>,
  body: (store: ReadStore) => Promise<void>,
): Promise<void> {
  const store = await opening;
  try {
    await body(store);
  } finally {
    await store.close();
  }
}
