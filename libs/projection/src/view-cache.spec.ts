import { type CartView, emptyView } from '@cartage/cart';
import { ViewCache } from './view-cache.ts';
import { bytesOfView } from './view-size.ts';

const view = (id: string, lines = 0): CartView => ({
  ...emptyView(id),
  lines: Array.from({ length: lines }, (_, at) => ({ lineId: `${at}`, sku: `${at}`, quantity: 1 })),
});
const held = (cache: ViewCache, ...ids: readonly string[]) => ids.filter((id) => cache.get(id) !== undefined);

it('forgets the views that were set longest ago', () => {
  const cache = new ViewCache(2 * bytesOfView(view('a')));
  cache.set(view('a'));
  cache.set(view('b'));
  cache.set(view('a'));
  cache.set(view('c'));
  expect(held(cache, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

it('counts a view with its lines, and the latest of each cart only', () => {
  const cache = new ViewCache(bytesOfView(view('a', 5)) + bytesOfView(view('b', 3)));
  cache.set(view('a', 4));
  cache.set(view('a', 5));
  cache.set(view('b', 3));
  expect(held(cache, 'a', 'b')).toEqual(['a', 'b']);
  cache.set(view('c'));
  expect(held(cache, 'a', 'b', 'c')).toEqual(['b', 'c']);
});

it('does not hold a view that is over its capacity by itself', () => {
  const cache = new ViewCache(bytesOfView(view('b')));
  cache.set(view('a', 10));
  cache.set(view('b'));
  expect(held(cache, 'a', 'b')).toEqual(['b']);
});
