import { quantile, quantilesOf } from './quantile.ts';

const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);

test.each([
  [0, 1],
  [0.5, 50],
  [0.99, 99],
  [0.999, 100],
  [1, 100],
])('of 1 to 100 in any order a share of %d does not exceed %d', (share, value) => {
  expect(quantile(hundred, share)).toBe(value);
});

test('of nothing there is none', () => {
  expect(quantile([], 0.99)).toBeNaN();
});

test('is shown with a digit behind the point', () => {
  expect(quantilesOf(hundred, [0.5, 0.99, 0.999])).toBe('p50 50.0 p99 99.0 p99.9 100.0');
});
