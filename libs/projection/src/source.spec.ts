import { streamOf } from '@cartage/cart';
import type { Batch, Recorded } from '@cartage/event-store';
import { type Gathering, type Gears, gears, type Window, windows } from './source.ts';

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

/** Keeps what it is given; a cart is a stream, and an event takes a hundred bytes. */
class Kept implements Gathering {
  readonly recorded: Recorded[] = [];
  add(recorded: Recorded): void {
    this.recorded.push(recorded);
  }
  get carts(): number {
    return new Set(this.recorded.map(({ stream }) => stream)).size;
  }
  get events(): number {
    return this.recorded.length;
  }
  get bytes(): number {
    return this.recorded.length * 100;
  }
}

const open = (): Kept => new Kept();

async function all(source: AsyncIterable<Window<Kept>>): Promise<readonly Window<Kept>[]> {
  const gathered: Window<Kept>[] = [];
  for await (const window of source) gathered.push(window);
  return gathered;
}

/** Gears without a limit of time, and what a case changes about them. */
const patient =
  (live: Partial<Gears['live']> = {}, catchUp: Partial<Gears['live']> = {}, far = 5_000): (() => Gears) =>
  () => ({
    live: { ...gears.live, ms: 60_000, ...live },
    catchUp: { ...gears.catchUp, ms: 60_000, ...catchUp },
    far,
  });

const extents = (closed: readonly Window<Kept>[]) =>
  closed.map(({ position, caughtUp }) => [position, caughtUp]);

it('gathers batches until the end of the log is reached', async () => {
  const first = batch([event(0), event(1, streamOf(bob))], false);
  const second = batch([event(2)], true, 7n);

  const [window, ...others] = await all(windows(log(first, second), open, patient()));

  expect(others).toEqual([]);
  expect(window?.gathered.recorded.map(({ position }) => position)).toEqual([0n, 1n, 2n]);
  expect(window).toMatchObject({ position: 7n, caughtUp: true, since: 1000, until: 1002 });
});

it.each([
  ['carts', { carts: 2 }],
  ['events', { events: 2 }],
  ['bytes', { bytes: 200 }],
])('closes a window at its limit of %s, at the position of its last event', async (_, limit) => {
  const carts = ['a', 'b', 'c', 'd', 'e'].map((user, i) => event(i, streamOf(`u~${user}~main`)));

  const closed = await all(windows(log(batch(carts, true)), open, patient(limit)));

  expect(extents(closed)).toEqual([
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
  const { value } = await windows(stalled(), open, patient({ ms: 5 })).next();
  expect(value).toMatchObject({ position: 0n, caughtUp: false });
});

it('makes large windows far from the end of the log, and small ones again when it was reached', async () => {
  const far = Array.from({ length: 5 }, (_, i) => batch([event(2 * i), event(2 * i + 1)], i === 4));
  const near = batch([event(10), event(11)], true);

  const closed = await all(windows(log(...far, near), open, patient({ events: 1 }, { events: 5 }, 4)));

  expect(extents(closed)).toEqual([
    [0n, false],
    [1n, false],
    [2n, false],
    [7n, false],
    [9n, true],
    [10n, false],
    [11n, false],
    [11n, true],
  ]);
});

it('hands out an empty window at the end of the log, and one that only moves the position', async () => {
  const closed = await all(
    windows(log(batch([], true, 3n), batch([], true, 5n), batch([], true, 5n)), open, patient()),
  );
  expect(closed.map(({ position, gathered, since }) => [position, gathered.events, since])).toEqual([
    [3n, 0, undefined],
    [5n, 0, undefined],
    [5n, 0, undefined],
  ]);
});

it('asks the log for no more before its consumer does', async () => {
  let asked = 0;
  async function* counted(): AsyncGenerator<Batch> {
    for (;;) {
      asked += 1;
      yield batch([event(asked)], true);
    }
  }
  const source = windows(counted(), open, patient());
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
  expect(await all(windows(log(batch([event(0)], false)), open, patient()))).toHaveLength(1);
  await expect(all(windows(failing(), open, patient()))).rejects.toThrow('gone');
});
