import { cartOfStream, kindOf } from '@cartage/cart';
import { type ShopAppend, ShopLog } from './shop-log.ts';

const end = Date.UTC(2026, 0, 1);
const day = 24 * 60 * 60 * 1000;
const appends = (events: number, seed: number): readonly ShopAppend[] => [
  ...new ShopLog(events, seed, end).appends(),
];
const written = appends(20_000, 1);
const events = written.flatMap((append) => append.events);

test('repeats itself for the same seed, and only for that', () => {
  expect(appends(2_000, 7)).toEqual(appends(2_000, 7));
  expect(appends(2_000, 7)).not.toEqual(appends(2_000, 8));
});

test('appends to each stream where its last append ended', () => {
  const revisions = new Map<string, number>();
  for (const { stream, expected, events: appended } of written) {
    expect(expected).toBe(revisions.get(stream) ?? 'none');
    revisions.set(stream, (revisions.get(stream) ?? -1) + appended.length);
  }
});

test('is as long as it was asked to be, over 60 days', () => {
  expect(events.length).toBeGreaterThanOrEqual(20_000);
  expect(events.length).toBeLessThan(20_010);
  const times = events.map(({ data }) => data.at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect([times[0], (times.at(-1) ?? 0) > end - day]).toEqual([end - 60 * day, true]);
});

test('has the shape of a shop’s traffic', () => {
  const share = (of: (type: string) => boolean): number =>
    events.filter(({ type }) => of(type)).length / events.length;
  const ids = [...new Set(written.map(({ stream }) => cartOfStream(stream) ?? ''))];
  const guests = ids.filter((id) => kindOf(id) === 'guest').length / ids.length;
  expect(guests).toBeGreaterThan(0.5);
  expect(guests).toBeLessThan(0.75);
  expect(events.length / ids.length).toBeGreaterThan(8);
  expect(events.length / ids.length).toBeLessThan(16);
  expect(share((type) => /Changed|Removed/.test(type))).toBeGreaterThan(0.2);
  for (const type of ['CartSealed', 'GuestCartMerged', 'CartCheckedOut'])
    expect(share((other) => other === type)).toBeGreaterThan(0.005);
});
