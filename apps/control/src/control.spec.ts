import { emptyView } from '@cartage/cart';
import { openEventStore, openReadStore } from '@cartage/runtime';
import { startControl } from './control.ts';
import { withConfig } from './folder.fixture.ts';
import { ann, eventsOf, seal } from './shop.fixture.ts';
import { TestClock, until } from './test-clock.fixture.ts';

const nightly = Date.UTC(2126, 0, 1, 3);

it('finishes merges, sweeps every store, and says how it is doing', () =>
  withConfig(async (config) => {
    const events = await openEventStore(config.eventStore);
    await seal(events);
    for (const url of config.readStores) {
      const store = await openReadStore(url);
      await store.put([{ ...emptyView(ann), revision: 0, writeTime: 1, purgeAt: nightly - 1 }], 'fenced');
      await store.close();
    }

    const control = await startControl(config, new TestClock(nightly));
    await until(async () => (await eventsOf(events, ann)).length === 2);
    const metrics = () => fetch(`${control.url}/metrics`).then((answer) => answer.text());
    await until(async () => (await metrics()).includes('cartage_merges_finished_total 1'));
    await until(async () => (await metrics()).includes('cartage_purge_views_total{store="two"} 1'));
    await until(async () => (await metrics()).includes('cartage_purge_views_total{store="one"} 1'));
    const ready = await fetch(`${control.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      merges: { finished: 1, unfinished: [] },
      purges: { one: { purged: 1 }, two: { purged: 1 } },
    });

    await control.stop();
    await expect(fetch(`${control.url}/health/live`)).rejects.toThrow('fetch failed');
    await events.close();
  }));
