import { startEventStoreDbFacade } from '@cartage/engines';
import { openEventStore } from '@cartage/runtime';
import { cartage, inFolder, slow } from '../testing/system.ts';
import { customers, shop } from '../testing/shopping.ts';
import { rebuildOf } from './rebuilding.fixture.ts';
import type { Summary } from './run.ts';

test(
  'a store is filled from an EventStoreDB, all of it or a share of the carts, and equals its log',
  () =>
    inFolder(async (folder) => {
      const facade = await startEventStoreDbFacade();
      const { url } = facade;
      const events = await openEventStore({ name: 'log', url });
      try {
        for (let times = 0; times < 3; times += 1) await shop(events, customers(200));
        const summaryOf = async (...args: readonly string[]): Promise<Summary> => {
          const { code, stdout } = await cartage(folder, [...rebuildOf('embedded'), ...args], {
            EVENT_STORE: url,
          });
          expect(code).toBe(0);
          return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary;
        };
        expect(await summaryOf()).toMatchObject({
          events: 800,
          carts: 200,
          parked: 0,
          verified: { views: 200, differing: 0 },
        });
        expect(await summaryOf()).toMatchObject({ events: 0, written: 0, verified: { differing: 0 } });
        const { carts, verified } = await summaryOf('--generation', 'v3', '--buckets', '0-4999');
        expect(verified).toEqual({ views: carts, differing: 0 });
        expect(carts).toBeGreaterThan(0);
        expect(carts).toBeLessThan(200);
      } finally {
        await events.close();
        await facade.close();
      }
    }),
  slow,
);
