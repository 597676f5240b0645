import { type CartView, emptyView } from '@cartage/cart';
import { ViewCache } from './view-cache.ts';

const view = (id: string, lineCount = 0): CartView => ({ ...emptyView(id), lineCount });
const held = (cache: ViewCache, ...ids: readonly string[]) => ids.filter((id) => cache.has(id));

it('forgets the views that were set longest ago', () => {
  const cache = new ViewCache(2);
  cache.set(view('a'));
  cache.set(view('b'));
  cache.set(view('a'));
  cache.set(view('c'));
  expect(held(cache, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

it('weighs a view by its lines, and the latest of each cart only', () => {
  const cache = new ViewCache(10);
  cache.set(view('a', 4));
  cache.set(view('a', 5));
  cache.set(view('b', 3));
  expect(held(cache, 'a', 'b')).toEqual(['a', 'b']);
  cache.set(view('c'));
  expect(held(cache, 'a', 'b', 'c')).toEqual(['b', 'c']);
});

it('does not hold a view that is over its capacity by itself', () => {
  const cache = new ViewCache(10);
  cache.set(view('a', 10));
  cache.set(view('b'));
  expect(held(cache, 'a', 'b')).toEqual(['b']);
});
