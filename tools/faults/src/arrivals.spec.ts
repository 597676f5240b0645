import { Arrivals } from './arrivals.ts';
import { Random } from './random.ts';

test('are as many in the mean as asked for, at the same moments with the same seed', async () => {
  const intervals = async (): Promise<readonly number[]> => {
    const arrivals = new Arrivals(1_000_000, new Random(7));
    const due: number[] = [];
    while (due.length < 10_000) due.push((await arrivals.next()) ?? Number.NaN);
    return due.map((at) => Math.round((at - (due[0] ?? 0)) * 1e6));
  };
  const first = await intervals();
  // ns; 10,000 of a microsecond each in the mean.
  expect(first.at(-1)).toBeGreaterThan(9_600_000);
  expect(first.at(-1)).toBeLessThan(10_400_000);
  const second = await intervals();
  const apart = first.map((at, index) => Math.abs(at - (second[index] ?? 0)));
  expect(Math.max(...apart)).toBeLessThanOrEqual(1);
});

test('are over when they were stopped, for those too who wait', async () => {
  const arrivals = new Arrivals(50, new Random(7));
  const waiting = [arrivals.next(), arrivals.next(), arrivals.next()];
  arrivals.stop();
  expect(await Promise.all(waiting)).toEqual([undefined, undefined, undefined]);
  expect(await arrivals.next()).toBeUndefined();
});
