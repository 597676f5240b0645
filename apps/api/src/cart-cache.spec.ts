import { given } from '@cartage/cart/testing';
import { CartCache } from './cart-cache.ts';
import type { CartState } from './cart-state.ts';

const stateOf = (id: string, units = 1): CartState => ({
  view: given(
    id,
    ...Array.from({ length: units }, () => ({ type: 'AddItem', sku: 'tea', quantity: 1 }) as const),
  ).view,
  commands: [],
});
const [a, b, c] = ['u~a~main', 'u~b~main', 'u~c~main'] as const;

describe('the cache of carts', () => {
  it('lets go of what was not met for longest when the bytes do not suffice', () => {
    const cache = new CartCache(2_500);
    cache.set(a, stateOf(a));
    cache.set(b, stateOf(b));
    cache.get(a);
    cache.set(c, stateOf(c));
    expect([a, b, c].map((id) => cache.get(id) !== undefined)).toEqual([true, false, true]);
    expect(cache.size).toBe(2);
  });

  it('never holds more than its bytes, and counts what it holds', () => {
    const cache = new CartCache(10_000);
    for (let i = 0; i < 1_000; i += 1) {
      cache.set(`u~${i % 37}~main`, stateOf(`u~${i % 37}~main`, (i % 5) + 1));
      expect(cache.bytes).toBeLessThanOrEqual(10_000);
    }
    for (let i = 0; i < 37; i += 1) cache.delete(`u~${i}~main`);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  it('does not hold a cart that is larger than all its bytes', () => {
    const cache = new CartCache(500);
    cache.set(a, stateOf(a));
    expect([cache.get(a), cache.bytes]).toEqual([undefined, 0]);
  });

  it('keeps the newer of two states', () => {
    const cache = new CartCache(10_000);
    cache.set(a, stateOf(a, 3));
    cache.set(a, stateOf(a, 1));
    expect(cache.get(a)?.view.itemCount).toBe(3);
  });

  it('counts attributes and remembered commands as bytes', () => {
    const [plain, rich] = [new CartCache(100_000), new CartCache(100_000)];
    const { view } = given(a, { type: 'AddItem', sku: 'tea', quantity: 1, attributes: { size: 'L' } });
    plain.set(a, stateOf(a));
    rich.set(a, { view, commands: [{ id: 'k', hash: 'h' }] });
    expect(rich.bytes).toBeGreaterThan(plain.bytes);
  });
});
