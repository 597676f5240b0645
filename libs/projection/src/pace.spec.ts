import { Pace } from './pace.ts';

const never = new AbortController().signal;

/** A pace whose clock stands still until it is told. */
function paced(limit?: number) {
  let now = 0;
  const pace = new Pace({ ...(limit !== undefined && { limit }), clock: () => now });
  return { pace, pass: (ms: number) => (now += ms) };
}

it('holds nothing back as long as all is well', async () => {
  const { pace, pass } = paced();
  for (let window = 0; window < 10; window += 1) {
    pass(1_000);
    pace.wrote(20_000, 2_000, 300, true);
    await pace.take(100_000, never);
  }
  expect(pace.rate).toBe(Infinity);
});

it('rests before each batch, whether anything else holds it back or not', async () => {
  let rests = 0;
  const pace = new Pace({ rest: async () => void (rests += 1) });
  await pace.take(1_000, never);
  await pace.take(1_000, never);
  expect(rests).toBe(2);
});

it('halves what was measured when the store fails, again and again, but not below 500 events a second', () => {
  const { pace, pass } = paced();
  for (let window = 0; window < 20; window += 1) {
    pass(1_000);
    pace.wrote(20_000, 2_000, 300, true);
  }
  pace.failed();
  expect(pace.rate).toBe(10_000);
  pace.failed();
  expect(pace.rate).toBe(5_000);
  for (let time = 0; time < 10; time += 1) pace.failed();
  expect(pace.rate).toBe(500);
});

it('adds to the rate with each window that is written, until nothing holds it back again', () => {
  const { pace } = paced();
  pace.failed();
  expect(pace.rate).toBe(25_000);
  const rates = Array.from({ length: 10 }, () => {
    pace.wrote(1_000, 100, 10, false);
    return pace.rate;
  });
  expect(rates).toEqual([27_500, 30_000, 32_500, 35_000, 37_500, 40_000, 42_500, 45_000, 47_500, Infinity]);
});

it('takes a store that has become slow for one in trouble, until that is what is usual', () => {
  const { pace, pass } = paced();
  const write = (ms: number): number => {
    pass(3_000);
    pace.wrote(20_000, 2_000, ms, true);
    return pace.rate;
  };
  expect([write(500), write(500), write(1_900)]).toEqual([Infinity, Infinity, Infinity]);
  const slowed = write(5_000);
  expect(slowed).toBeLessThan(20_000);
  expect(write(5_000)).toBeGreaterThan(slowed);
});

it('does not take a few slow views for a slow store', () => {
  const { pace } = paced();
  pace.wrote(20_000, 2_000, 300, true);
  pace.wrote(10, 5, 5_000, true);
  expect(pace.rate).toBe(Infinity);
});

it('keeps to its limit, whatever happens', () => {
  const { pace } = paced(100);
  pace.failed();
  expect(pace.rate).toBe(100);
  const other = paced(4_000).pace;
  other.failed();
  expect(other.rate).toBe(2_000);
  for (let window = 0; window < 100; window += 1) other.wrote(1_000, 100, 10, true);
  expect(other.rate).toBe(4_000);
});

it('lets events through at its rate', async () => {
  const { pace, pass } = paced(1_000);
  await pace.take(2_000, never);
  const ending = new AbortController();
  let isThrough = false;
  const waiting = pace.take(1, ending.signal).then(() => (isThrough = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isThrough).toBe(false);
  ending.abort();
  await waiting;
  pass(2_001);
  await pace.take(1, never);
});
