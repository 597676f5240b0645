import type { Batch, Recorded } from '@cartage/event-store';
import { Stretch, type Until } from './stretch.ts';

const event = (position: number, recordedAt = position * 100): Recorded => ({
  id: `${position}`,
  type: 'CartCleared',
  data: {},
  metadata: {},
  stream: 'cart-0000.x',
  revision: position,
  position: BigInt(position),
  recordedAt,
});

/** Events at even positions, three a batch, and an end that is reached. */
async function* log(): AsyncGenerator<Batch> {
  yield { events: [event(0), event(2), event(4)], position: 5n, caughtUp: false };
  yield { events: [event(6), event(8), event(10)], position: 11n, caughtUp: true };
  throw new Error('It asked for more than it should.');
}

async function read(until: Until, from?: bigint) {
  const stretch = new Stretch(until);
  const batches: Batch[] = [];
  for await (const batch of stretch.of(log(), from)) batches.push(batch);
  return {
    isOver: stretch.isOver,
    positions: batches.flatMap(({ events }) => events.map(({ position }) => Number(position))),
    reached: batches.at(-1)?.position,
    caughtUp: batches.at(-1)?.caughtUp,
  };
}

it.each([
  ['an event', { position: 6n }, [0, 2, 4, 6], 6n],
  ['a position between two', { position: 7n }, [0, 2, 4, 6], 7n],
  ['the last event of a batch', { position: 4n }, [0, 2, 4], 4n],
  ['a position that only the batch reaches', { position: 5n }, [0, 2, 4], 5n],
  ['the time of an event', { time: 600 }, [0, 2, 4, 6], 6n],
  ['a time between two batches', { time: 450 }, [0, 2, 4], 5n],
  ['a time after the log', { time: 9_000 }, [0, 2, 4, 6, 8, 10], 11n],
])('ends with %s', async (_, until, positions, reached) => {
  expect(await read(until)).toEqual({ isOver: true, positions, reached, caughtUp: true });
});

it('reads nothing when it begins at the end', async () => {
  expect(await read({ position: 4n }, 4n)).toMatchObject({ isOver: true, positions: [] });
});

it('goes on as long as the log does when it has no end', async () => {
  const stretch = new Stretch();
  const reading = async () => {
    for await (const batch of stretch.of(log(), undefined)) expect(batch.events).toHaveLength(3);
  };
  await expect(reading()).rejects.toThrow('asked for more');
  expect(stretch.isOver).toBe(false);
});
