import type { CartCommand } from './cart.ts';
import { carts, given, noon } from './testing.ts';

const guestCart = 'g~AAAAAAAAAAAAAAAAAAAAAA~main';
const customerCart = 'u~42~main';
const apple = { lineId: 'apple', sku: 'apple', quantity: 2 };
const pear = { lineId: 'pear', sku: 'pear', quantity: 1 };
const stamp = { at: noon, expiresAt: noon + 180 * 86_400_000 };
const seal = { type: 'SealGuest', mergeId: 'merge-1', into: customerCart } as const;
const merge = {
  type: 'MergeGuest',
  mergeId: 'merge-1',
  from: guestCart,
  lines: [{ ...apple, quantity: 5 }, pear],
  policy: 'max',
} as const;

describe('linking a session', () => {
  it('is recorded when it changes', () => {
    const linked = given(customerCart, { type: 'LinkSession', sessionId: 'a' });
    expect(linked.when({ type: 'LinkSession', sessionId: 'a' })).toEqual([]);
    expect(linked.when({ type: 'LinkSession', sessionId: 'b' })).toEqual([
      { type: 'SessionLinked', data: { sessionId: 'b', ...stamp } },
    ]);
  });

  it('belongs to one life of the cart', () => {
    const linked = carts(customerCart).open.later(noon, { type: 'LinkSession', sessionId: 'a' });
    const next = linked.later(noon, { type: 'CheckOut', orderId: 'o' }, { type: 'AddItem', ...pear });
    expect(next.cart).not.toHaveProperty('sessionId');
  });
});

describe('sealing a guest cart', () => {
  it('ends it at once, whatever it holds, and says where it went', () => {
    const { open, frozen } = carts(guestCart);
    const sealed = open.later(noon, seal);
    expect(sealed.events.at(-1)).toEqual({
      type: 'CartSealed',
      data: { mergeId: 'merge-1', into: customerCart, at: noon, expiresAt: noon },
    });
    expect(sealed.cart).toEqual({
      status: 'merged',
      kind: 'guest',
      generation: 1,
      lines: [apple],
      merges: ['merge-1'],
      mergedInto: customerCart,
      expiresAt: noon,
    });
    expect(frozen.later(noon, seal).cart).toEqual(sealed.cart);
  });

  it('keeps the policy the login asked for, for whoever finishes the merge', () => {
    const events = carts(guestCart).open.when({ ...seal, policy: 'sum' });
    expect(events).toEqual([expect.objectContaining({ data: expect.objectContaining({ policy: 'sum' }) })]);
  });
});

describe('merging a guest cart', () => {
  it('records the lines of the cart after it, the policy and what was dropped', () => {
    expect(carts(customerCart).open.when(merge)).toEqual([
      {
        type: 'GuestCartMerged',
        data: {
          mergeId: 'merge-1',
          from: guestCart,
          policy: 'max',
          lines: [{ ...apple, quantity: 5 }, pear],
          dropped: [],
          ...stamp,
        },
      },
    ]);
  });

  it('never fails for a limit: what goes over it is dropped and reported', () => {
    const full = carts(customerCart).open;
    const rules = { maxQuantity: 4, maxLines: 1, maxFreeze: 1, lifetime: { guest: 1, customer: null } };
    expect(full.when(merge, { rules })).toMatchObject([
      {
        data: {
          lines: [{ ...apple, quantity: 4 }],
          dropped: [
            { line: { ...apple, quantity: 5 }, quantity: 1, why: 'quantity_limit' },
            { line: pear, quantity: 1, why: 'line_limit' },
          ],
          expiresAt: null,
        },
      },
    ]);
  });

  it('happens once, whatever happened in between', () => {
    const between: CartCommand[] = [{ type: 'ClearCart' }, { type: 'AddItem', ...pear }];
    const merged = given(customerCart, merge, ...between, { type: 'CheckOut', orderId: 'o' });
    expect(merged.when(merge)).toEqual([]);
    expect(merged.later(noon, { type: 'AddItem', ...pear }).when(merge)).toEqual([]);
    expect(merged.later(noon, { type: 'Erase' }).when(merge)).toEqual([]);
    expect(merged.later(noon + 400 * 86_400_000).when(merge)).toEqual([]);
  });

  it('of a cart without lines changes nothing', () => {
    expect(given(customerCart).when({ ...merge, lines: [] })).toEqual([]);
  });

  it('links the session it came with, and keeps the linked one when it came without', () => {
    const linked = given(customerCart, { ...merge, sessionId: 'a' });
    expect(linked.cart.sessionId).toBe('a');
    expect(linked.later(noon, { ...merge, mergeId: 'merge-2' }).cart.sessionId).toBe('a');
  });

  it('into a frozen cart leaves it frozen', () => {
    const { cart } = carts(customerCart).frozen.later(noon, merge);
    expect(cart).toMatchObject({
      status: 'frozen',
      frozenUntil: noon + 600_000,
      lines: [{ quantity: 5 }, pear],
    });
  });

  it('remembers the last 16 merges', () => {
    const ids = Array.from({ length: 18 }, (_, i) => `merge-${i}`);
    const { cart } = given(customerCart, ...ids.map((mergeId) => ({ ...merge, mergeId })));
    expect(cart.merges).toEqual(ids.slice(2));
  });
});
