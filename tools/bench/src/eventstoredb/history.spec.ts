import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyView, project, streamOf } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { keptSkus } from '../load/requests.ts';
import { cartOfShopper, historyOf, writeHistories } from './history.ts';

describe('the history of a cart', () => {
  it('has the length that was asked for, and leaves the lines that requests change', () => {
    const id = cartOfShopper('bench', 7);
    const history = historyOf(id, 50);
    const view = history.reduce((cart, event, revision) => project(cart, event, revision), emptyView(id));
    expect(history).toHaveLength(50);
    expect(new Set(history.map(({ type }) => type))).toEqual(
      new Set(['CartOpened', 'ItemAdded', 'ItemQuantityChanged']),
    );
    expect(view).toMatchObject({ status: 'open', revision: 49 });
    expect(view.lines.map(({ sku }) => sku)).toEqual(keptSkus);
  });

  it('is written in stretches, between which others come', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cartage-bench-'));
    const store = await EmbeddedEventStore.open(folder);
    try {
      const ids = [1, 2].map((number) => cartOfShopper('bench', number));
      const histories = new Map(ids.map((id) => [streamOf(id), historyOf(id, 12)] as const));
      expect(await writeHistories(store, histories)).toBe(24);
      const order: string[] = [];
      for await (const { events, caughtUp } of store.follow(undefined)) {
        order.push(...events.map(({ stream }) => stream));
        if (caughtUp) break;
      }
      const changes = order.filter((stream, at) => at > 0 && order[at - 1] !== stream).length;
      expect([order.length, changes >= 4]).toEqual([24, true]);
    } finally {
      await store.close();
      await rm(folder, { recursive: true });
    }
  });
});
