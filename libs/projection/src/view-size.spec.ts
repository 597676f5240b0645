import { given, noon } from '@cartage/cart/testing';
import { bytesAddedBy, bytesOfView } from './view-size.ts';

const add = (sku: string, note?: string) =>
  ({ type: 'AddItem', sku, quantity: 1, ...(note && { attributes: { note } }) }) as const;

it('grows with lines and with what is in them, so that a budget holds whatever customers put in', () => {
  const few = given('u~ann~main', add('apple'));
  const noted = few.later(noon, add('pear', 'x'.repeat(500)));
  expect(bytesOfView(noted.view) - bytesOfView(few.view)).toBeGreaterThan(1_000);
  expect(noted.events.map(bytesAddedBy).at(-1)).toBe(bytesOfView(noted.view) - bytesOfView(few.view));
});

it('counts the lines that a merge brings', () => {
  const lines = ['a', 'b', 'c'].map((sku) => ({ lineId: sku, sku, quantity: 1 }));
  const from = 'g~AAAAAAAAAAAAAAAAAAAAAA~main';
  const merged = given('u~ann~main', { type: 'MergeGuest', mergeId: 'm1', from, policy: 'max', lines });
  const added = given('u~bob~main', add('a'));
  expect(merged.events.map(bytesAddedBy)).toEqual([0, 3 * (added.events.map(bytesAddedBy)[1] ?? 0)]);
});
