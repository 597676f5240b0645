import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, readStoreContract, using, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { ThreadedStore } from './threaded-store.ts';

const typescript = new URL('../../../../tools/test/typescript.mjs', import.meta.url).href;
const fromSource = ['--conditions=@cartage/source', '--import', typescript];

describe('ThreadedStore', () => {
  const folder = mkdtemp(join(tmpdir(), 'cartage-threaded-'));
  afterAll(async () => rm(await folder, { recursive: true }));
  const open = async (generation: string): Promise<ThreadedStore> => {
    const url = `embedded:${await folder}?generation=${generation}`;
    return ThreadedStore.open({ name: 'embedded', url }, { execArgv: fromSource });
  };

  readStoreContract(open);

  it('puts more than it copies at once, and sums up what came of it', () =>
    using(open('many'), async (store) => {
      const shirt = viewAfter('u~0~main', [add('shirt')]);
      const views = Array.from({ length: 12_000 }, (_, cart) => ({ ...shirt, id: `u~${cart}~main` }));
      expect(await store.put(views, 'fenced')).toEqual({ written: 12_000, stale: 0, oversized: [] });
      const [older = shirt, newer = shirt] = versionsOf('u~1~main', [add('shirt'), add('cap')]).slice(-2);
      const moved = [newer, ...views.slice(2), older];
      expect(await store.put(moved, 'fresh')).toEqual({ written: 1, stale: 11_999, oversized: [] });
      expect(await store.get(newer.id)).toStrictEqual(newer);
    }));

  it('refuses all it is given for the sake of one that is no cart, however many they are', () =>
    using(open('refused'), async (store) => {
      const shirt = viewAfter('u~0~main', [add('shirt')]);
      const views = Array.from({ length: 12_000 }, (_, cart) => ({ ...shirt, id: `u~${cart}~main` }));
      const refused = store.put([...views, { ...shirt, id: 'none' }], 'fenced');
      await expect(refused).rejects.toMatchObject({ code: 'invalid_id' });
      expect(await store.get('u~0~main')).toBeUndefined();
    }));

  it('writes what was put before it is closed, each part of it', async () => {
    const store = await open('closed');
    const shirt = viewAfter('u~0~main', [add('shirt')]);
    const views = Array.from({ length: 9_000 }, (_, cart) => ({ ...shirt, id: `u~${cart}~main` }));
    const putting = store.put(views, 'fenced');
    await store.close();
    expect(await putting).toMatchObject({ written: 9_000 });
  });

  it('refuses a folder that is no read store’s with the code that the store refuses it with', async () => {
    const nowhere = ThreadedStore.open(
      { name: 'embedded', url: 'embedded:/dev/null/views' },
      { execArgv: fromSource },
    );
    await expect(nowhere).rejects.toMatchObject({ code: 'unavailable', message: expect.any(String) });
  });

  it('says why a thread cannot begin', async () => {
    const store = { name: 'embedded', url: `embedded:${await folder}` };
    await expect(ThreadedStore.open(store, { execArgv: [] })).rejects.toThrow(/\.ts/);
  });

  it('ends scans that are left early, and refuses whatever is asked once it is closed', async () => {
    const store = await open('left');
    await store.put([viewAfter('u~42~main', [add('shirt')])], 'fenced');
    for await (const page of store.scan()) {
      expect(page).toHaveLength(1);
      break;
    }
    await store.close();
    await store.close();
    await expect(store.get('u~42~main')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
