import type { Random } from './random.ts';

/**
 * Draws ranks from 0 to `count` − 1, rank r with a probability proportional to 1 / (r + 1)^exponent. Exact: a cumulative
 * table and a binary search. The exponent 0.99 is that of YCSB (Cooper et al., SoCC 2010).
 *
 * @throws {RangeError} there is nothing to draw from
 */
export function zipf(count: number, random: Random, exponent = 0.99): () => number {
  if (count < 1) throw new RangeError('Zipf needs at least one rank.');
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) cumulative[rank] = total += (rank + 1) ** -exponent;
  return () => firstAbove(cumulative, random() * total);
}

function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
