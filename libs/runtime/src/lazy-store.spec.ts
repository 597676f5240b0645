import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LazyStore } from './lazy-store.ts';

/** Runs the case with a store in a folder whose name a file has. */
async function withObstacle(body: (store: LazyStore, obstacle: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-lazy-'));
  const obstacle = join(folder, 'views');
  await writeFile(obstacle, 'no folder');
  const store = new LazyStore({ name: 'a', url: `embedded:${obstacle}` });
  try {
    await body(store, obstacle);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

it('tries again when a store could not be opened, and opens it once', () =>
  withObstacle(async (store, obstacle) => {
    await expect(store.open()).rejects.toMatchObject({ code: 'unavailable' });
    await rm(obstacle);
    const [first, second] = await Promise.all([store.open(), store.open()]);
    expect(first).toBe(second);
    expect(await first.get('u~42~main')).toBeUndefined();
  }));

it('closes what it has opened, and minds nothing where that failed', () =>
  withObstacle(async (store, obstacle) => {
    await expect(Promise.allSettled([store.open(), store.close()])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'fulfilled' },
    ]);
    await rm(obstacle);
    const opened = await store.open();
    await store.close();
    await expect(opened.get('u~42~main')).rejects.toMatchObject({ code: 'unavailable' });
  }));
