import fc from 'fast-check';
import { streamPrefixes } from './bucket-prefixes.ts';
import { bucketCount, bucketOf, customerOwner, streamOf } from './identity.ts';

const bucket = fc.integer({ min: 0, max: bucketCount - 1 });
const ranges = fc.tuple(bucket, bucket).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const streamIn = (number: number): string => `cart-${String(number).padStart(4, '0')}.u~42~main`;

describe('the stream prefixes of a range of buckets', () => {
  it.each([
    [0, 9_999, ['cart-']],
    [0, 4_999, ['cart-0', 'cart-1', 'cart-2', 'cart-3', 'cart-4']],
    [0, 0, ['cart-0000.']],
    [9_999, 9_999, ['cart-9999.']],
    [420, 429, ['cart-042']],
    [98, 201, ['cart-0098.', 'cart-0099.', 'cart-01', 'cart-0200.', 'cart-0201.']],
  ])('of %d-%d are the fewest that cover it', (from, to, prefixes) => {
    expect(streamPrefixes({ from, to })).toEqual(prefixes);
  });

  it('match every bucket of the range once and none beside it', () => {
    fc.assert(
      fc.property(ranges, ({ from, to }) => {
        const prefixes = streamPrefixes({ from, to });
        for (let number = 0; number < bucketCount; number += 1) {
          const matches = prefixes.filter((prefix) => streamIn(number).startsWith(prefix)).length;
          if (matches !== (number >= from && number <= to ? 1 : 0))
            throw new Error(`bucket ${number} is matched ${matches} times`);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('match the stream of a cart when its owner is in the range', () => {
    fc.assert(
      fc.property(ranges, fc.nat().map(String).map(customerOwner), ({ from, to }, owner) => {
        const stream = streamOf(`${owner}~main`);
        const isIn = bucketOf(owner) >= from && bucketOf(owner) <= to;
        expect(streamPrefixes({ from, to }).some((prefix) => stream.startsWith(prefix))).toBe(isIn);
      }),
    );
  });

  it('cannot be fewer: no ten of them have all but the last digit in common, and there are 62 at most', () => {
    fc.assert(
      fc.property(ranges, (range) => {
        const stems = streamPrefixes(range).map((prefix) => prefix.replace(/\d\.?$/, ''));
        for (const stem of stems) expect(stems.filter((other) => other === stem).length).toBeLessThan(10);
        expect(stems.length).toBeLessThanOrEqual(62);
      }),
    );
    expect(streamPrefixes({ from: 1, to: 9_998 })).toHaveLength(62);
  });

  it.each([
    [-1, 5],
    [5, 4],
    [0, 10_000],
    [0.5, 3],
    [0, NaN],
  ])('are refused for %d-%d, which is no range', (from, to) => {
    expect(() => streamPrefixes({ from, to })).toThrow(RangeError);
  });
});
