import { emptyView } from '@cartage/cart';
import { openShop } from '../testing/shop.ts';
import type { NamedStore } from './serving-store.ts';
import { ServingStore } from './serving-store.ts';

const id = 'u~42~main';

/** A read store whose calls are counted, and answered only while it is up. */
async function withStore(
  body: (serving: ServingStore, state: { up: boolean; hangs: boolean; asked: number }) => Promise<void>,
): Promise<void> {
  const shop = await openShop({ projected: false });
  const state = { up: true, hangs: false, asked: 0 };
  const open: NamedStore['open'] = async () => {
    state.asked += 1;
    if (state.hangs) await new Promise(() => undefined);
    if (!state.up) throw Object.assign(new Error('refused'), { code: 'unavailable' });
    return shop.views;
  };
  try {
    await shop.views.put([{ ...emptyView(id), revision: 3, writeTime: 1 }], 'fenced');
    await body(new ServingStore({ name: 'views', open }), state);
  } finally {
    await shop.close();
  }
}

const failures = async (serving: ServingStore, times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1)
    await expect(serving.get(id)).rejects.toMatchObject({ code: 'unavailable' });
};

it('answers as the store does', () =>
  withStore(async (serving) => {
    expect(await serving.get(id)).toMatchObject({ revision: 3 });
    expect(await serving.get('u~nobody~main')).toBeUndefined();
    expect(await serving.list('u~42')).toMatchObject([{ id }]);
  }));

it('waits for no store that hangs', () =>
  withStore(async (serving, state) => {
    state.hangs = true;
    await failures(serving, 1);
  }));

it('leaves a store alone that failed five times in a row, but for one read now and then, and comes back by it', () =>
  withStore(async (serving, state) => {
    state.up = false;
    await failures(serving, 4);
    state.up = true;
    await serving.get(id);
    state.up = false;
    await failures(serving, 50);
    // After five failures one read tries it at once, and the others are refused for a second.
    expect(state.asked).toBeLessThan(20);
    state.up = true;
    while (!(await serving.get(id).catch(() => undefined)))
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await Promise.all([serving.get(id), serving.get(id)])).length).toBe(2);
  }));

it('does not blame the store for what it answers', () =>
  withStore(async (serving, state) => {
    for (let i = 0; i < 20; i += 1)
      await expect(serving.get('no id')).rejects.toMatchObject({ code: 'invalid_id' });
    expect(state.asked).toBe(20);
  }));
