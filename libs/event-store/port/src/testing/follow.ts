import type { Batch, EventStore, Recorded } from '../index.ts';
import { event, events, freshName, type Open, withStore } from './scene.ts';

export function followContract(open: Open): void {
  it(
    'delivers what is there, then what comes, in the order of the log',
    withStore(open, async (store) => {
      const stem = freshName();
      const from = await store.head();
      await store.append(`${stem}-a`, events(2), 'none');
      await store.append(`${stem}-b`, events(1), 'none');
      const found = await collect(store, from, [stem], 5, async (soFar) => {
        if (soFar === 3) await store.append(`${stem}-a`, events(2), 1);
      });
      expect(found.map(({ stream, revision }) => `${stream.slice(stem.length)} ${revision}`)).toEqual([
        '-a 0',
        '-a 1',
        '-b 0',
        '-a 2',
        '-a 3',
      ]);
      expectRising(found);
    }),
  );

  it(
    'follows the whole log when no position is given',
    withStore(open, async (store) => {
      const stream = freshName();
      const { position } = await store.append(stream, events(3), 'none');
      const found: Recorded[] = [];
      for await (const batch of store.follow(undefined)) {
        found.push(...batch.events);
        if (batch.position >= position) break;
      }
      expect(found.filter((one) => one.stream === stream).map(({ revision }) => revision)).toEqual([0, 1, 2]);
      expectRising(found);
    }),
  );

  it(
    'starts after the position given, so that a batch’s position resumes it',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(2), 'none');
      const [first] = await collect(store, undefined, [stream], 1);
      const rest = await collect(store, first?.position, [stream], 1);
      expect([first?.revision, ...rest.map(({ revision }) => revision)]).toEqual([0, 1]);
      const { position } = await lastBatch(store, undefined, [stream]);
      const later = collect(store, position, [stream], 1);
      await store.append(stream, events(1), 1);
      expect((await later).map(({ revision }) => revision)).toEqual([2]);
    }),
  );

  it(
    'never skips and never repeats while many write',
    withStore(open, async (store) => {
      const stem = freshName();
      const from = await store.head();
      const following = collect(store, from, [stem], 400);
      const writer = async (name: string): Promise<void> => {
        for (let revision = 0; revision < 40; revision += 1) {
          await store.append(name, [event()], revision === 0 ? 'none' : revision - 1);
        }
      };
      await Promise.all(Array.from({ length: 10 }, (_, index) => writer(`${stem}-${index}`)));
      const found = await following;
      expectRising(found);
      expect(new Set(found.map(({ id }) => id)).size).toBe(400);
      for (let index = 0; index < 10; index += 1) {
        const revisions = found
          .filter(({ stream }) => stream === `${stem}-${index}`)
          .map(({ revision }) => revision);
        expect(revisions).toEqual(Array.from({ length: 40 }, (_, revision) => revision));
      }
    }),
  );

  it(
    'delivers only streams that begin with one of the prefixes, and moves on past the others',
    withStore(open, async (store) => {
      const stem = freshName();
      const from = await store.head();
      for (const name of ['a', 'b', 'ab', 'c']) await store.append(`${stem}-${name}`, events(1), 'none');
      const found = await collect(store, from, [`${stem}-a`, `${stem}-c`], 3);
      expect(found.map(({ stream }) => stream.slice(stem.length))).toEqual(['-a', '-ab', '-c']);
      const { position } = await store.append(`${stem}-other`, events(1), 'none');
      for await (const batch of store.follow(from, { prefixes: [`${stem}-x`] })) {
        expect(batch.events).toEqual([]);
        if (batch.position >= position) break;
      }
    }),
  );

  it(
    'says when it has reached the end, also when there is nothing to deliver',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(1), 'none');
      expect(await lastBatch(store, undefined, [freshName()])).toMatchObject({ events: [], caughtUp: true });
      const head = await store.head();
      const batch = await lastBatch(store, head, [stream]);
      expect(batch).toMatchObject({ events: [], caughtUp: true });
      expect(batch.position).toBeGreaterThanOrEqual(head);
    }),
  );

  it(
    'hands a slow consumer at most 2,000 events at a time',
    withStore(open, async (store) => {
      const stream = freshName();
      const from = await store.head();
      for (let next = 0; next < 5_000; next += 500)
        await store.append(stream, events(500), next === 0 ? 'none' : next - 1);
      const sizes: number[] = [];
      for await (const batch of store.follow(from, { prefixes: [stream] })) {
        sizes.push(batch.events.length);
        if (batch.events.at(-1)?.revision === 4_999) break;
      }
      expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5_000);
    }),
  );

  it(
    'ends without an error when its signal fires: before it starts, between batches, while it waits',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(1), 'none');
      for await (const batch of store.follow(undefined, { signal: AbortSignal.abort() }))
        throw new Error(`${batch.position}`);
      const between = new AbortController();
      const batches: Batch[] = [];
      for await (const batch of store.follow(undefined, { signal: between.signal })) {
        batches.push(batch);
        between.abort();
      }
      expect(batches).toHaveLength(1);
      const waiting = new AbortController();
      for await (const { caughtUp } of store.follow(undefined, { signal: waiting.signal })) {
        if (caughtUp) setTimeout(() => waiting.abort(), 60);
      }
      expect(waiting.signal.aborted).toBe(true);
    }),
  );
}

/** The first `count` events of a follow; `between` is told, after each batch, how many came so far. */
async function collect(
  store: EventStore,
  from: bigint | undefined,
  prefixes: readonly string[],
  count: number,
  between: (soFar: number) => Promise<void> = async () => {},
): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for await (const batch of store.follow(from, { prefixes })) {
    expect(batch.position).toBeGreaterThanOrEqual(batch.events.at(-1)?.position ?? -1n);
    found.push(...batch.events);
    if (found.length >= count) break;
    await between(found.length);
  }
  return found;
}

/** The batch that reaches the end of the log. */
async function lastBatch(
  store: EventStore,
  from: bigint | undefined,
  prefixes: readonly string[],
): Promise<Batch> {
  for await (const batch of store.follow(from, { prefixes })) if (batch.caughtUp) return batch;
  throw new Error('The iteration ended.');
}

function expectRising(found: readonly Recorded[]): void {
  const positions = found.map(({ position }) => position);
  expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => (a < b ? -1 : 1)));
}
