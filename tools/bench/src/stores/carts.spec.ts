import { decodeView } from '@cartage/cart';
import { mixed, shopCarts } from './carts.ts';

const carts = shopCarts(300, 1);

test('are so many different views that the domain made', () => {
  expect(new Set(carts.map(({ id }) => id)).size).toBe(300);
  for (const view of carts) expect(decodeView(view.id, view)).toBe(view);
});

test('outlive the bench: a view past its purge would be deleted instead of written', () => {
  for (const { purgeAt = Infinity } of carts) expect(purgeAt).toBeGreaterThan(Date.now() + 60 * 60 * 1000);
});

test('have the same order whatever order they come in', () => {
  const ids = carts.map(({ id }) => id);
  expect(mixed(ids.toSorted(), (id) => id)).toEqual(ids);
  expect(ids).not.toEqual(ids.toSorted());
});
