import { streamOf } from '@cartage/cart';
import type { Batch, Recorded } from '@cartage/event-store';
import { type Window, windows } from './source.ts';

const ann = 'u~ann~main';
const bob = 'u~bob~main';

const event = (position: number, stream = streamOf(ann)): Recorded => ({
  id: `${position}`,
  type: 'CartCleared',
  data: {},
  metadata: {},
  stream,
  revision: position,
  position: BigInt(position),
  recordedAt: 1000 + position,
});

const batch = (
  events: readonly Recorded[],
  caughtUp: boolean,
  position = events.at(-1)?.position,
): Batch => ({
  events,
  position: position ?? -1n,
  caughtUp,
});

async function* log(...batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

async function all(source: AsyncIterable<Window>): Promise<readonly Window[]> {
  const gathered: Window[] = [];
  for await (const window of source) gathered.push(window);
  return gathered;
}

const patient = { carts: 500, ms: 60_000 };

it('gathers batches by cart until the end of the log is reached', async () => {
  const first = batch([event(0), event(1, streamOf(bob))], false);
  const second = batch([event(2)], true, 7n);

  const [window, ...others] = await all(windows(log(first, second), patient));

  expect(others).toEqual([]);
  expect(
    [...(window?.carts ?? [])].map(([id, events]) => [id, events.map(({ revision }) => revision)]),
  ).toEqual([
    [ann, [0, 2]],
    [bob, [1]],
  ]);
  expect(window).toMatchObject({ position: 7n, caughtUp: true, since: 1000, until: 1002, foreign: 0 });
});

it('closes a window at its limit of carts, at the position of its last event', async () => {
  const carts = ['a', 'b', 'c', 'd', 'e'].map((user, i) => event(i, streamOf(`u~${user}~main`)));

  const closed = await all(windows(log(batch(carts, true)), { ...patient, carts: 2 }));

  expect(closed.map(({ position, caughtUp }) => [position, caughtUp])).toEqual([
    [1n, false],
    [3n, false],
    [4n, true],
  ]);
});

it('closes a window after a while, though the log has stalled', async () => {
  async function* stalled(): AsyncGenerator<Batch> {
    yield batch([event(0)], false);
    await new Promise<never>(() => {});
  }
  const { value } = await windows(stalled(), { carts: 500, ms: 5 }).next();
  expect(value).toMatchObject({ position: 0n, caughtUp: false });
});

it('hands out an empty window at the end of the log, and one that only moves the position', async () => {
  const closed = await all(
    windows(log(batch([], true, 3n), batch([], true, 5n), batch([], true, 5n)), patient),
  );
  expect(closed.map(({ position, carts, since }) => [position, carts.size, since])).toEqual([
    [3n, 0, undefined],
    [5n, 0, undefined],
    [5n, 0, undefined],
  ]);
});

it('counts events of streams that are no cart’s', async () => {
  const foreign = [event(0, 'cart-0000.u~ann~main'), event(1, 'cart-x'), event(2, 'cart-1234.u~~main')];
  const [window] = await all(windows(log(batch(foreign, true)), patient));
  expect(window).toMatchObject({ foreign: 3, position: 2n, carts: new Map() });
});

it('asks the log for no more before its consumer does', async () => {
  let asked = 0;
  async function* counted(): AsyncGenerator<Batch> {
    for (;;) {
      asked += 1;
      yield batch([event(asked)], true);
    }
  }
  const source = windows(counted(), patient);
  await source.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(1);
  await source.return();
});

it('hands out what it has gathered when the log ends, and passes on how it failed', async () => {
  async function* failing(): AsyncGenerator<Batch> {
    yield batch([event(0)], false);
    throw new Error('gone');
  }
  expect(await all(windows(log(batch([event(0)], false)), patient))).toHaveLength(1);
  await expect(all(windows(failing(), patient))).rejects.toThrow('gone');
});
