import type { ShownCart } from './answers.ts';
import { compare } from './comparison.ts';
import type { ExpectedCart, Expectation } from './oracle.ts';
import type { Stored, StoredCart } from './stored-views.ts';

const shown = (id: string, status: string, lines: Record<string, number>, orderId?: string): ShownCart => ({
  id,
  status,
  revision: 4,
  lines: new Map(Object.entries(lines)),
  ...(orderId !== undefined && { orderId }),
});
const expecting = (cart: ExpectedCart, ...refused: number[]): Expectation => ({
  carts: new Map([['customer 17', cart]]),
  refused: new Set(refused),
});
const filled: ExpectedCart = { status: 'checkedOut', lines: new Map([['MUG', 2]]), orderId: '1' };
const asFilled = (id: string) => shown(id, 'checkedOut', { MUG: 2 }, '1');
const storing = (store: string, cart: StoredCart): Stored => ({ store, views: new Map([[cart.id, cart]]) });
const one = (cart: ShownCart) => new Map([['customer 17', cart]]);

test('equal carts have no differences', () => {
  const cart = asFilled('u~17~main');
  const stored = ['a', 'b'].map((name) => storing(name, { ...cart, canonical: '{}' }));
  expect(compare(expecting(filled), new Set(), one(cart), stored)).toEqual([]);
});

test('names the cart, the fact and both sides of each difference', () => {
  const stored = [storing('views', shown('u~17~main', 'open', { MUG: 3, CUP: 1 }))];
  expect(compare(expecting(filled), new Set(), one(asFilled('u~17~main')), stored)).toEqual([
    'customer 17 (u~17~main at revision 4), status: the store views says open, the file checkedOut',
    'customer 17 (u~17~main at revision 4), order: the store views says none, the file 1',
    'customer 17 (u~17~main at revision 4), units of MUG: the store views says 3, the file 2',
    'customer 17 (u~17~main at revision 4), units of CUP: the store views says 1, the file none',
  ]);
});

test('a merged cart is gone for its shopper and still stored', () => {
  const merged: ExpectedCart = { status: 'merged', lines: new Map([['MUG', 2]]) };
  const stored = (cart: ShownCart) =>
    compare(expecting(merged), new Set(), one(shown('g', 'none', {})), [storing('views', cart)]);
  expect(stored(shown('g', 'merged', { MUG: 2 }))).toEqual([]);
  expect(stored(shown('g', 'merged', {}))).toHaveLength(1);
});

test('stores that hold other bytes of one cart differ, one that was not compared with nobody', () => {
  const cart = asFilled('u~17~main');
  const stored = [
    { store: 'away', reason: 'refused' },
    storing('a', { ...cart, canonical: '{"a":1}' }),
    storing('b', { ...cart, canonical: '{"b":1}' }),
    storing('c', cart),
  ];
  expect(compare(expecting(filled), new Set(), one(cart), stored)).toEqual([
    'customer 17: a holds {"a":1}, b {"b":1}',
    'customer 17: a holds {"a":1}, c nothing',
  ]);
});

test('a cart nobody could show is a difference', () => {
  expect(compare(expecting(filled), new Set(), new Map(), [])).toEqual([
    'customer 17: the API was never asked for this cart',
  ]);
});

test('rows that were refused wrongly, or wrongly accepted, are differences', () => {
  expect(compare(expecting(filled, 7), new Set([9]), one(asFilled('u')), [])).toEqual([
    'line 7: accepted, though it is over the limits',
    'line 9: refused, though nothing is wrong with it',
  ]);
});
