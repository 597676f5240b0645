import { statusAt } from './cart.ts';
import { defaultRules } from './rules.ts';
import { carts, given, noon } from './testing.ts';

const id = 'u~42~main';
const apples = { type: 'AddItem', sku: 'apple', quantity: 2 } as const;
const checkOut = { type: 'CheckOut', orderId: 'order-1' } as const;
const minute = 60_000;
const day = 86_400_000;
const stamp = { at: noon, expiresAt: noon + 180 * day };
const refusal = (code: string, detail = {}) => expect.objectContaining({ code, detail });

describe('freezing', () => {
  it('records until when', () => {
    expect(given(id, apples).when({ type: 'Freeze', until: noon + minute })).toEqual([
      { type: 'CartFrozen', data: { until: noon + minute, ...stamp } },
    ]);
  });

  it('until the same time again changes nothing, until another time moves its end', () => {
    const { frozen } = carts(id);
    const until = frozen.cart.frozenUntil ?? 0;
    expect(frozen.when({ type: 'Freeze', until })).toEqual([]);
    expect(frozen.when({ type: 'Freeze', until: until - 1 })).toMatchObject([
      { type: 'CartFrozen', data: { until: until - 1 } },
    ]);
  });

  it.each([noon - 1, noon, noon + day + 1, noon + 0.5, NaN, Infinity])(
    'until %p is refused at noon: it ends in the future, within a day',
    (until) => {
      expect(() => given(id, apples).when({ type: 'Freeze', until })).toThrow(
        refusal('freeze_out_of_range', { limit: day }),
      );
    },
  );

  it('may last as long as the shop allows, a day unless it says otherwise', () => {
    const cart = given(id, apples);
    expect(cart.when({ type: 'Freeze', until: noon + day })).toMatchObject([{ type: 'CartFrozen' }]);
    const rules = { ...defaultRules, maxFreeze: minute };
    expect(cart.when({ type: 'Freeze', until: noon + minute }, { rules })).toHaveLength(1);
    expect(() => cart.when({ type: 'Freeze', until: noon + minute + 1 }, { rules })).toThrow(
      refusal('freeze_out_of_range', { limit: minute }),
    );
  });

  it('tells who meets a frozen cart until when it is', () => {
    expect(() => carts(id).frozen.when(apples)).toThrow(
      refusal('cart_frozen', { until: noon + 10 * minute }),
    );
  });

  it('ends by itself at its time, and not a millisecond earlier', () => {
    const { cart } = carts(id).frozen;
    expect(statusAt(cart, noon + 10 * minute - 1)).toBe('frozen');
    expect(statusAt(cart, noon + 10 * minute)).toBe('open');
  });

  it('that has ended by itself can be followed by another', () => {
    const frozenAgain = carts(id).thawed.later(noon + 11 * minute, {
      type: 'Freeze',
      until: noon + 12 * minute,
    });
    expect(statusAt(frozenAgain.cart, noon + 11 * minute)).toBe('frozen');
    expect(statusAt(frozenAgain.cart, noon + 12 * minute)).toBe('open');
  });

  it('leaves no trace once it is lifted', () => {
    const { frozen, open } = carts(id);
    expect(frozen.later(noon, { type: 'Unfreeze' }).cart).toEqual(open.cart);
  });
});

describe('checking out', () => {
  it('records the order, and keeps what was bought to be seen', () => {
    const { checkedOut, open } = carts(id);
    expect(checkedOut.events.at(-1)).toEqual({
      type: 'CartCheckedOut',
      data: { orderId: 'order-1', ...stamp },
    });
    expect(checkedOut.cart).toEqual({ ...open.cart, status: 'checkedOut', orderId: 'order-1' });
  });

  it('ends a freeze', () => {
    expect(carts(id).frozen.later(noon, checkOut).cart).toEqual(carts(id).checkedOut.cart);
  });

  it('for the same order again changes nothing, even after the cart expired', () => {
    const { checkedOut } = carts(id);
    expect(checkedOut.when({ ...checkOut, ifRevision: 1 })).toEqual([]);
    expect(checkedOut.later(noon + 365 * day).when(checkOut)).toEqual([]);
  });

  it('at the revision the customer has seen is accepted, at another refused with the one the cart is at', () => {
    const { open } = carts(id);
    expect(open.when({ ...checkOut, ifRevision: 1 })).toMatchObject([{ type: 'CartCheckedOut' }]);
    for (const ifRevision of [0, 2])
      expect(() => open.when({ ...checkOut, ifRevision })).toThrow(
        refusal('revision_mismatch', { revision: 1 }),
      );
  });

  it('is followed by an empty cart of the next generation', () => {
    const next = carts(id).checkedOut.later(noon + minute, { type: 'AddItem', sku: 'pear', quantity: 1 });
    expect(next.cart).toMatchObject({ status: 'open', generation: 2, lines: [{ lineId: 'pear' }] });
    expect(next.cart).not.toHaveProperty('orderId');
  });
});
