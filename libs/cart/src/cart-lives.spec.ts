import { statusAt } from './cart.ts';
import { Refused } from './refused.ts';
import { defaultRules } from './rules.ts';
import { carts, given, noon } from './testing.ts';

const id = 'u~42~main';
const guestCart = 'g~AAAAAAAAAAAAAAAAAAAAAA~main';
const pears = { type: 'AddItem', sku: 'pear', quantity: 1 } as const;
const pear = { lineId: 'pear', sku: 'pear', quantity: 1 };
const day = 86_400_000;

describe('a cart that is left alone', () => {
  it('is there until the millisecond it expires', () => {
    const { cart } = carts(id).open;
    expect(statusAt(cart, noon + 180 * day - 1)).toBe('open');
    expect(statusAt(cart, noon + 180 * day)).toBe('none');
  });

  it('lives on from each event, also one of a checked-out cart', () => {
    const touched = carts(id).open.later(noon + 100 * day, pears);
    expect(touched.cart.expiresAt).toBe(noon + 280 * day);
    const bought = touched.later(noon + 200 * day, { type: 'CheckOut', orderId: 'o' });
    expect(bought.cart.expiresAt).toBe(noon + 380 * day);
  });

  it('never expires where the shop says so', () => {
    const rules = { ...defaultRules, lifetime: { guest: null, customer: null } };
    expect(
      given(id)
        .when(pears, { rules })
        .map(({ data }) => data.expiresAt),
    ).toEqual([null, null]);
  });

  it('keeps the expiry it was given when the shop changes its rules', () => {
    const { open } = carts(id);
    const rules = { ...defaultRules, lifetime: { guest: day, customer: day } };
    const late = { now: noon + 2 * day, rules };
    expect(open.when(pears, late)).toMatchObject([
      { type: 'ItemAdded', data: { expiresAt: noon + 3 * day } },
    ]);
  });
});

describe.each(['expired', 'checkedOut', 'erased'] as const)('a cart that is %s', (ending) => {
  const ended = carts(id)[ending];

  it('begins its next life empty, one generation later', () => {
    const next = ended.later(noon + 200 * day, pears);
    expect(next.events.at(-2)).toEqual({
      type: 'CartOpened',
      data: {
        generation: 2,
        kind: 'customer',
        merges: [],
        at: noon + 200 * day,
        expiresAt: noon + 380 * day,
      },
    });
    expect(next.cart).toEqual({
      status: 'open',
      kind: 'customer',
      generation: 2,
      lines: [pear],
      merges: [],
      expiresAt: noon + 380 * day,
    });
  });

  it('is not opened by a command that changes nothing or is refused', () => {
    expect(ended.when({ type: 'ClearCart' })).toEqual([]);
    expect(() => ended.when({ ...pears, quantity: 0 })).toThrow(Refused);
  });
});

describe('erasing', () => {
  it('leaves the status, the count of lives and the merges, and expires at once', () => {
    const merge = { mergeId: 'm', from: guestCart, lines: [pear], policy: 'sum' } as const;
    const erased = carts(id).open.later(
      noon,
      { type: 'MergeGuest', ...merge, sessionId: 's' },
      { type: 'Freeze', until: noon + 1000 },
      { type: 'Erase' },
    );
    expect(erased.cart).toEqual({
      status: 'erased',
      kind: 'customer',
      generation: 1,
      lines: [],
      merges: ['m'],
      expiresAt: noon,
    });
  });

  it('reaches what an expired or a checked-out cart still holds', () => {
    expect(carts(id).expired.later(noon + 200 * day, { type: 'Erase' }).cart.lines).toEqual([]);
    const bought = carts(id).checkedOut.later(noon, { type: 'Erase' });
    expect(bought.cart).toMatchObject({ status: 'erased', lines: [] });
    expect(bought.cart).not.toHaveProperty('orderId');
  });

  it('stays erased by the clock', () => {
    expect(statusAt(carts(id).erased.cart, noon + 400 * day)).toBe('erased');
  });
});
