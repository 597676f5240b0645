import { seededRandom } from './random.ts';
import { zipf } from './zipf.ts';

function share(count: number, draws: number, exponent?: number): number[] {
  const draw = zipf(count, seededRandom(7), exponent);
  const hits = Array.from({ length: count }, () => 0);
  for (let i = 0; i < draws; i++) {
    const rank = draw();
    hits[rank] = (hits[rank] ?? Number.NaN) + 1;
  }
  return hits.map((hit) => hit / draws);
}

describe('zipf', () => {
  it('draws rank r in proportion to 1 / (r + 1)^exponent', () => {
    const count = 100;
    const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -0.99);
    const total = weights.reduce((sum, weight) => sum + weight);
    const measured = share(count, 200_000);
    for (const rank of [0, 1, 2, 9, 49]) {
      const expected = (weights[rank] ?? 0) / total;
      expect(Math.abs((measured[rank] ?? 0) - expected)).toBeLessThan(expected * 0.1);
    }
  });

  it('draws every rank alike when the exponent is 0', () => {
    for (const part of share(4, 40_000, 0)) expect(part).toBeCloseTo(0.25, 1);
  });

  it('stays within its ranks', () => {
    expect(share(1, 100)).toEqual([1]);
    expect(share(3, 10_000).reduce((sum, part) => sum + part)).toBeCloseTo(1, 9);
  });

  it('draws the same ranks for the same seed, others for another', () => {
    const ranks = (seed: number) => Array.from({ length: 50 }, zipf(1000, seededRandom(seed)));
    expect(ranks(1)).toEqual(ranks(1));
    expect(ranks(1)).not.toEqual(ranks(2));
  });

  it('refuses to draw from nothing', () => {
    expect(() => zipf(0, seededRandom(1))).toThrow(RangeError);
  });
});
