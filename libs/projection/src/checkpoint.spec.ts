import { allBuckets, bucketsOf, checkpointOf, checkWithin, coveredTo } from './checkpoint.ts';

const at = (entries: Readonly<Record<string, number>>): ReadonlyMap<string, bigint> =>
  new Map(Object.entries(entries).map(([name, position]) => [name, BigInt(position)]));

it('names a checkpoint by its range, and tells it from others', () => {
  expect(checkpointOf({ from: 0, to: 4999 })).toBe('carts.0-4999');
  expect(bucketsOf('carts.0-4999')).toEqual({ from: 0, to: 4999 });
  expect(['merges', 'carts', 'rebuild.0-4999', 'carts.0-12345'].map(bucketsOf)).toEqual(
    Array(4).fill(undefined),
  );
});

it.each([
  ['a range by itself', { 'carts.0-9999': 7 }, allBuckets, 7n],
  ['a part of a range', { 'carts.0-9999': 7 }, { from: 10, to: 20 }, 7n],
  ['the lowest of several ranges', { 'carts.0-4999': 7, 'carts.5000-9999': 3 }, allBuckets, 3n],
  ['only the ranges it overlaps', { 'carts.0-4999': 7, 'carts.5000-9999': 3 }, { from: 100, to: 4999 }, 7n],
  ['a new split by the former range', { 'carts.0-4999': 9, 'carts.0-9999': 5 }, { from: 2500, to: 7500 }, 5n],
  [
    'former ranges that are further',
    { 'carts.0-9999': 1, 'carts.0-4999': 8, 'carts.5000-9999': 9 },
    allBuckets,
    8n,
  ],
  ['nothing where a bucket is missing', { 'carts.0-4998': 7, 'carts.5000-9999': 3 }, allBuckets, undefined],
  ['nothing of other followers', { merges: 7, 'rebuild.0-9999': 5 }, allBuckets, undefined],
])('covers by %s', (_, checkpoints, buckets, position) => {
  expect(coveredTo(at(checkpoints), buckets)).toBe(position);
});

it('takes no log for an older one that shows its end a moment late, and one that is older for what it is', async () => {
  const showing = (...heads: bigint[]) =>
    checkWithin({ head: async () => heads.shift() ?? -1n }, 'carts.0-9999', 7n);
  await showing(7n);
  await showing(6n, 7n);
  await expect(showing(6n, 6n)).rejects.toMatchObject({ code: 'checkpoint_beyond_log' });
});
