import { bucketCount, bucketOf, streamOf } from './identity.ts';
import { hash32 } from './hash.ts';

/** The two functions as published, in exact arithmetic: what {@link hash32} is held against. */
const word = (value: bigint): bigint => BigInt.asUintN(32, value);
const fnv1a = (bytes: readonly number[]): bigint =>
  bytes.reduce((hash, byte) => word((hash ^ BigInt(byte)) * 0x01000193n), 0x811c9dc5n);
function fmix32(hash: bigint): bigint {
  const once = word((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  const twice = word((once ^ (once >> 13n)) * 0xc2b2ae35n);
  return twice ^ (twice >> 16n);
}
const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

it('the functions it is held against give the published values', () => {
  expect(['', 'a', 'foobar'].map((text) => fnv1a(ascii(text)))).toEqual([
    0x811c9dc5n,
    0xe40c292cn,
    0xbf9cf968n,
  ]);
  // MurmurHash3_x86_32 of no bytes is fmix32 of the seed.
  expect([0n, 1n, 0xffffffffn].map(fmix32)).toEqual([0n, 0x514e28b7n, 0x81f16f39n]);
});

it('is FNV-1a of the bytes of an ASCII text, finished with fmix32', () => {
  const texts = ['', 'a', 'foobar', 'u~42', 'g~AAAAAAAAAAAAAAAAAAAAAA', 'x'.repeat(5000), '\0\x7f'];
  for (const text of texts) expect(BigInt(hash32(text))).toBe(fmix32(fnv1a(ascii(text))));
});

it('takes the low byte of a wider character, then the high one', () => {
  expect(BigInt(hash32('aü€'))).toBe(fmix32(fnv1a([0x61, 0xfc, 0xac, 0x20])));
  expect(BigInt(hash32('ÿĀ'))).toBe(fmix32(fnv1a([0xff, 0x00, 0x01])));
  expect(BigInt(hash32('\ud83d'))).toBe(fmix32(fnv1a([0x3d, 0xd8])));
});

describe('the bucket of an owner', () => {
  it.each([
    ['u~42', 3195],
    ['u~1', 6271],
    ['u~alice%40example.com', 4646],
    ['g~AAAAAAAAAAAAAAAAAAAAAA', 7237],
    ['g~q83vEjRWeJCrze8SNFZ4kA', 5471],
  ])('%s is %i, for ever', (owner, bucket) => {
    expect(bucketOf(owner)).toBe(bucket);
    expect(streamOf(`${owner}~main`)).toBe(`cart-${String(bucket).padStart(4, '0')}.${owner}~main`);
  });

  it('spreads 200,000 owners evenly over all 10,000: chi square within 5 deviations', () => {
    const counts = Array.from({ length: bucketCount }, () => 0);
    for (let i = 0; i < 100_000; i += 1) {
      const guest = i.toString(16).padStart(22, '0');
      for (const owner of [`u~${i}`, `g~${guest}`]) {
        const bucket = bucketOf(owner);
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
    }
    const mean = 200_000 / bucketCount;
    const chiSquare = counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0);
    const freedom = bucketCount - 1;
    expect(counts).toHaveLength(bucketCount);
    expect(Math.abs(chiSquare - freedom)).toBeLessThan(5 * Math.sqrt(2 * freedom));
  });
});
