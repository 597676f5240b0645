import type { Rules } from './rules.ts';
import { defaultRules } from './rules.ts';
import { given, noon } from './testing.ts';

const id = 'u~42~main';
const apples = { type: 'AddItem', sku: 'apple', quantity: 2 } as const;
const stamp = { at: noon, expiresAt: noon + 180 * 86_400_000 };
const refusal = (code: string, detail = {}) => expect.objectContaining({ code, detail });
const rules: Rules = { ...defaultRules, maxQuantity: 10, maxLines: 2 };

describe('adding an item', () => {
  it('opens a new cart and records the line as it is afterwards', () => {
    expect(given(id).when(apples)).toEqual([
      { type: 'CartOpened', data: { generation: 1, kind: 'customer', merges: [], ...stamp } },
      {
        type: 'ItemAdded',
        data: { line: { lineId: 'apple', sku: 'apple', quantity: 2 }, added: 2, ...stamp },
      },
    ]);
  });

  it('adds to the units the line holds', () => {
    expect(given(id, apples).when({ ...apples, quantity: 3 })).toEqual([
      {
        type: 'ItemAdded',
        data: { line: { lineId: 'apple', sku: 'apple', quantity: 5 }, added: 3, ...stamp },
      },
    ]);
  });

  it('makes another line of the same sku with other attributes, and finds it again in any order of its keys', () => {
    const red = { ...apples, attributes: { colour: 'red', size: { cm: 7, grade: ['A', null] } } };
    const redAgain = { ...apples, attributes: { size: { grade: ['A', null], cm: 7 }, colour: 'red' } };
    const { lines } = given(id, apples, red, redAgain).cart;
    expect(lines).toEqual([
      { lineId: 'apple', sku: 'apple', quantity: 2 },
      {
        lineId: expect.stringMatching(/^apple\.[0-9a-f]{8}$/),
        sku: 'apple',
        quantity: 4,
        attributes: red.attributes,
      },
    ]);
  });

  it('takes empty attributes for none', () => {
    const { lines } = given(id, apples, { ...apples, attributes: {} }).cart;
    expect(lines).toEqual([{ lineId: 'apple', sku: 'apple', quantity: 4 }]);
  });

  it('keeps the order in which lines came', () => {
    const { cart } = given(id, { ...apples, sku: 'pear' }, apples, { ...apples, sku: 'pear' });
    expect(cart.lines.map(({ lineId }) => lineId)).toEqual(['pear', 'apple']);
  });

  it.each([0, -1, 1.5, 11, NaN, Infinity])('refuses %p units where a line holds 1 to 10', (quantity) => {
    expect(() => given(id).when({ ...apples, quantity }, { rules })).toThrow(
      refusal('quantity_out_of_range', { limit: 10 }),
    );
  });

  it('fills a line to its limit, and refuses what goes over it', () => {
    const cart = given(id, { ...apples, quantity: 8 });
    expect(cart.when(apples, { rules })).toMatchObject([{ data: { line: { quantity: 10 } } }]);
    expect(() => cart.when({ ...apples, quantity: 3 }, { rules })).toThrow(
      refusal('quantity_out_of_range', { limit: 10 }),
    );
  });

  it('refuses a line too many, but not more units of a line it holds', () => {
    const cart = given(id, apples, { ...apples, sku: 'pear' });
    expect(() => cart.when({ ...apples, sku: 'plum' }, { rules })).toThrow(
      refusal('line_limit', { limit: 2 }),
    );
    expect(cart.when(apples, { rules })).toMatchObject([{ data: { line: { quantity: 4 } } }]);
  });

  it('holds 100 lines of 999 units unless the shop says otherwise', () => {
    const cart = given(
      id,
      ...Array.from({ length: 100 }, (_, i) => ({ ...apples, sku: `sku-${i}`, quantity: 999 })),
    );
    expect(cart.view).toMatchObject({ lineCount: 100, itemCount: 99_900 });
    expect(() => cart.when(apples)).toThrow(refusal('line_limit', { limit: 100 }));
    expect(() => cart.when({ ...apples, sku: 'sku-7', quantity: 1 })).toThrow(
      refusal('quantity_out_of_range', { limit: 999 }),
    );
  });
});

describe('changing a quantity', () => {
  it('records what it was and what it is', () => {
    expect(given(id, apples).when({ type: 'ChangeQuantity', lineId: 'apple', quantity: 7 })).toEqual([
      { type: 'ItemQuantityChanged', data: { lineId: 'apple', from: 2, to: 7, ...stamp } },
    ]);
  });

  it('to 0 removes the line', () => {
    expect(given(id, apples).when({ type: 'ChangeQuantity', lineId: 'apple', quantity: 0 })).toEqual([
      { type: 'ItemRemoved', data: { lineId: 'apple', ...stamp } },
    ]);
  });

  it('to what it is changes nothing', () => {
    expect(given(id, apples).when({ type: 'ChangeQuantity', lineId: 'apple', quantity: 2 })).toEqual([]);
  });

  it('of a line the cart does not hold is refused, even to 0', () => {
    for (const quantity of [0, 3])
      expect(() => given(id, apples).when({ type: 'ChangeQuantity', lineId: 'pear', quantity })).toThrow(
        refusal('line_not_found'),
      );
  });

  it('leaves the other lines as they are', () => {
    const pears = { ...apples, sku: 'pear' };
    const { cart } = given(id, pears, apples, { type: 'ChangeQuantity', lineId: 'apple', quantity: 7 });
    expect(cart.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ['pear', 2],
      ['apple', 7],
    ]);
  });

  it('goes up to the limit the shop sets', () => {
    const cart = given(id, apples);
    const to = (quantity: number) =>
      cart.when({ type: 'ChangeQuantity', lineId: 'apple', quantity }, { rules });
    expect(to(10)).toMatchObject([{ data: { from: 2, to: 10 } }]);
    expect(() => to(11)).toThrow(refusal('quantity_out_of_range', { limit: 10 }));
  });

  it.each([-1, 2.5, 1000, NaN])('to %p is refused', (quantity) => {
    expect(() => given(id, apples).when({ type: 'ChangeQuantity', lineId: 'apple', quantity })).toThrow(
      refusal('quantity_out_of_range', { limit: 999 }),
    );
  });
});

it('removes one line and leaves the others in their order', () => {
  const { cart } = given(
    id,
    apples,
    { ...apples, sku: 'pear' },
    { ...apples, sku: 'plum' },
    { type: 'RemoveItem', lineId: 'pear' },
  );
  expect(cart.lines.map(({ lineId }) => lineId)).toEqual(['apple', 'plum']);
});

it('clears all lines, and is the same cart afterwards', () => {
  const { cart, view } = given(id, apples, { type: 'LinkSession', sessionId: 's' }, { type: 'ClearCart' });
  expect(cart).toEqual({
    status: 'open',
    kind: 'customer',
    generation: 1,
    lines: [],
    merges: [],
    sessionId: 's',
    expiresAt: stamp.expiresAt,
  });
  expect(view).toMatchObject({ revision: 3, lineCount: 0, itemCount: 0 });
});
