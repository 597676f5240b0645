import { carts, given, noon } from './testing.ts';
import { offPeak, type PurgeWindow, purgeTime } from './view.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const ids = Array.from({ length: 10_000 }, (_, i) => `u~shopper-${i}~main`);
const timeOfDay = (time: number): number => time % day;

/** How far into the window a time lies, in ms; beyond its length when it lies outside. */
const place = (time: number, { start }: PurgeWindow): number => timeOfDay(time - start + day);

describe.each<{ name: string; window: PurgeWindow }>([
  { name: '02:00–05:00', window: offPeak },
  { name: '23:00–01:30, over midnight', window: { start: 23 * hour, length: 2.5 * hour } },
  { name: 'one minute at 00:00', window: { start: 0, length: minute } },
  { name: 'the whole day from 12:00', window: { start: 12 * hour, length: day } },
])('in the window $name', ({ window }) => {
  it.each([
    { status: 'open', wait: hour },
    { status: 'checkedOut', wait: hour },
    { status: 'merged', wait: day },
    { status: 'erased', wait: day },
  ] as const)('a cart that is $status goes at the first chance after $wait ms', ({ status, wait }) => {
    ids.forEach((id, i) => {
      const expiresAt = noon + i * 7919 * 31;
      const time = purgeTime({ status, expiresAt }, id, window);
      const late = time - (expiresAt + wait);
      const inside = place(time, window) < window.length;
      if (!(Number.isInteger(time) && late >= 0 && late < day && inside))
        throw new Error(`${id}, expired at ${expiresAt}, would be purged at ${time}`);
    });
  });

  it('10,000 carts that expire together are spread evenly: chi square over 20 slices, p > 0.001', () => {
    const slices = Array.from({ length: 20 }, () => 0);
    for (const id of ids) {
      const time = purgeTime({ status: 'open', expiresAt: noon }, id, window);
      const slice = Math.floor((place(time, window) / window.length) * slices.length);
      slices[slice] = (slices[slice] ?? 0) + 1;
    }
    const mean = ids.length / slices.length;
    const chiSquare = slices.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0);
    expect(chiSquare).toBeLessThan(43.8);
  });
});

it('does not fall for a cart that expires inside the window: an hour passes first', () => {
  const three = noon + 15 * hour;
  const times = ids.map((id) => purgeTime({ status: 'open', expiresAt: three }, id));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(three + hour);
  expect(times.some((time) => time < three + 2 * hour)).toBe(true);
  expect(times.some((time) => time >= three + 23 * hour)).toBe(true);
});

it('is the same for one id whenever and wherever it is computed', () => {
  const { view } = carts('u~42~main').open;
  expect(view.purgeAt).toBe(purgeTime(view, 'u~42~main'));
  const tomorrow = given('u~42~main').later(noon + day, { type: 'AddItem', sku: 'apple', quantity: 2 });
  expect(tomorrow.view.purgeAt).toBe((view.purgeAt ?? 0) + day);
});

it('comes a day after a cart was erased', () => {
  const { purgeAt = 0 } = carts('u~42~main').erased.view;
  expect(purgeAt - noon).toBeGreaterThanOrEqual(day);
  expect(purgeAt - noon).toBeLessThan(2 * day);
});
