import { setTimeout as sleep } from 'node:timers/promises';
import { type Facade, startEventStoreDbFacade } from '@cartage/engines';
import type { EventStore } from '@cartage/event-store';
import { EventStoreDbEventStore } from './index.ts';
import { collect, expectExactly, flood, noted, streamsOf, until } from './testing/flood.ts';

/** A store on a facade of its own, that can be told to misbehave. */
const withFacade =
  (test: (store: EventStore, facade: Facade) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const facade = await startEventStoreDbFacade();
    const store = await EventStoreDbEventStore.open(facade.url);
    try {
      await test(store, facade);
    } finally {
      await store.close();
      await facade.close();
    }
  };

const unavailable = { code: 'unavailable' };

describe('a server that misbehaves', () => {
  it(
    'recognizes an append whose answer was lost after the commit, when it is repeated',
    withFacade(async (store, facade) => {
      await store.append('a', [noted()], 'none');
      await facade.misbehave({ kind: 'swallow', appends: 1 });
      const events = [noted(), noted()];
      await expect(store.append('a', events, 0)).rejects.toMatchObject(unavailable);
      expect(await store.append('a', events, 0)).toMatchObject({ revision: 2 });
      expect(await store.append('a', [noted()], 2)).toMatchObject({ revision: 3 });
    }),
    20_000,
  );

  it(
    'gives up on a frozen server while it is frozen, and goes on when it is not',
    withFacade(async (store, facade) => {
      const following = collect(store, 'a', 4);
      await store.append('a', [noted()], 'none');
      let isFrozen = true;
      await facade.misbehave({ kind: 'freeze', ms: 12_000 });
      const thaw = sleep(12_000).then(() => (isFrozen = false));
      const event = noted();
      await expect(store.append('a', [event], 0)).rejects.toMatchObject(unavailable);
      await expect(store.append('a', [event], 0)).rejects.toMatchObject(unavailable);
      expect(isFrozen).toBe(true);
      await thaw;
      await until(() => store.append('a', [event], 0));
      const written = await until(() => store.append('a', [noted()], 1));
      expect(written).toMatchObject({ revision: 2 });
      await store.append('a', [noted()], 2);
      expect((await following).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    }),
    40_000,
  );

  it(
    'waits for a server that is not ready',
    withFacade(async (store, facade) => {
      const streams = streamsOf('a', 8);
      const following = collect(store, 'a', 8 * 10);
      await facade.misbehave({ kind: 'not-ready', ms: 2_000 });
      await expect(store.append('b', [noted()], 'none')).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringContaining('is starting and not ready yet'),
      });
      await expect(store.head()).rejects.toMatchObject(unavailable);
      const written = await flood(store, streams, 10);
      await expectExactly(store, written, await following);
    }),
    20_000,
  );

  it.each(['reset', 'fail-batches'] as const)(
    'loses and doubles nothing by %s',
    (kind) =>
      withFacade(async (store, facade) => {
        const following = collect(store, 'a', 16 * 40);
        const ending = new AbortController();
        const trouble = (async () => {
          let hits = 0;
          while (!ending.signal.aborted) {
            await sleep(60);
            hits += await facade.misbehave({ kind });
          }
          return hits;
        })();
        const written = await flood(store, streamsOf('a', 16), 40);
        ending.abort();
        expect(await trouble).toBeGreaterThan(0);
        await expectExactly(store, written, await following);
      })(),
    60_000,
  );

  it(
    'skips and repeats nothing for a follower that is dropped as too slow again and again',
    withFacade(async (store, facade) => {
      const following = collect(store, 'a', 50 * 20);
      const ids: string[] = [];
      for (let drops = 0; drops < 50; drops += 1) {
        while ((await facade.misbehave({ kind: 'drop-slow' })) === 0) await sleep(5);
        const events = Array.from({ length: 20 }, () => noted());
        await store.append('a', events, ids.length === 0 ? 'none' : ids.length - 1);
        ids.push(...events.map(({ id }) => id));
      }
      await expectExactly(store, new Map([['a', ids]]), await following);
    }),
    60_000,
  );

  it(
    'follows to the leader when it is sent there',
    withFacade(async (store, follower) => {
      const leader = await startEventStoreDbFacade();
      try {
        await follower.misbehave({ kind: 'not-leader', ms: 60_000, host: '127.0.0.1', port: leader.port });
        await expect(store.append('a', [noted()], 'none')).rejects.toMatchObject(unavailable);
        expect(await until(() => store.append('a', [noted()], 'none'))).toMatchObject({ revision: 0 });
        const there = await EventStoreDbEventStore.open(leader.url);
        expect(await there.head()).toBeGreaterThanOrEqual(0n);
        await there.close();
      } finally {
        await leader.close();
      }
    }),
    20_000,
  );
});

describe('a call that breaks', () => {
  it(
    'leaves the appends to another server alone',
    withFacade(async (store, facade) => {
      const other = await startEventStoreDbFacade();
      const elsewhere = await EventStoreDbEventStore.open(other.url);
      await store.append('a', [noted()], 'none');
      await elsewhere.append('a', [noted()], 'none');
      await other.misbehave({ kind: 'freeze', ms: 1_000 });
      const waiting = elsewhere.append('a', [noted()], 0);
      await sleep(100);
      await facade.misbehave({ kind: 'fail-batches' });
      expect(await waiting).toMatchObject({ revision: 1 });
      expect(await until(() => store.append('a', [noted()], 0))).toMatchObject({ revision: 1 });
      await elsewhere.close();
      await other.close();
    }),
    20_000,
  );
});

describe('a follower', () => {
  it(
    'moves on past a few events that do not match, also while it is live',
    withFacade(async (store) => {
      let wanted: bigint | undefined;
      for await (const { position, caughtUp, events } of store.follow(undefined, { prefixes: ['a'] })) {
        expect(events).toEqual([]);
        if (wanted !== undefined && position >= wanted) break;
        if (caughtUp && wanted === undefined)
          wanted = (await store.append('b', [noted(), noted()], 'none')).position;
      }
      expect(wanted).toBe(await store.head());
    }),
    20_000,
  );

  it(
    'is not shown metadata, and says that a position is of another log',
    withFacade(async (store) => {
      await store.append('a', [noted(), noted(), noted()], 'none');
      await store.truncate('a', 1);
      const head = await store.head();
      for await (const { events, position } of store.follow(undefined)) {
        expect(events.filter(({ stream }) => stream !== 'a')).toEqual([]);
        if (position >= head) break;
      }
      const elsewhere = (async () => {
        for await (const { events } of store.follow(1n)) expect(events).toEqual([]);
      })();
      await expect(elsewhere).rejects.toThrow('no event at position 1: it is of another log');
    }),
    20_000,
  );
});
