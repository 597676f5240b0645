import type { CartEventType } from './cart.ts';
import { decodeEvent, isCartEventType, Undecodable } from './decode.ts';

const line = { lineId: 'apple.0a1b2c3d', sku: 'apple', quantity: 2, attributes: { size: [1, null] } };
const stamp = { at: 1_764_072_000_000, expiresAt: 1_764_072_000_001 };
const dropped = { line, quantity: 1, why: 'quantity_limit' };

/** One event of each type with every field it may have. */
const events: Readonly<Record<CartEventType, Readonly<Record<string, unknown>>>> = {
  CartOpened: { generation: 1, kind: 'guest', merges: ['m1', 'm2'] },
  ItemAdded: { line, added: 1 },
  ItemQuantityChanged: { lineId: 'apple', from: 1, to: 2 },
  ItemRemoved: { lineId: 'apple' },
  CartCleared: {},
  SessionLinked: { sessionId: 's' },
  CartFrozen: { until: 1 },
  CartUnfrozen: {},
  CartCheckedOut: { orderId: 'o' },
  CartSealed: { mergeId: 'm', into: 'u~42~main', policy: 'sum' },
  GuestCartMerged: {
    mergeId: 'm',
    from: 'g~AAAAAAAAAAAAAAAAAAAAAA~main',
    policy: 'sum',
    sessionId: 's',
    lines: [line],
    dropped: [dropped],
  },
  CartErased: {},
};

/** Values that are wrong wherever they stand: no field takes a boolean, an empty object, a negative or broken number. */
const wrong = [true, {}, -1, 1.5, 2 ** 60, [true], [{}]];

type Case = { readonly type: CartEventType; readonly data: Readonly<Record<string, unknown>> };
const cases: readonly Case[] = Object.entries(events).map(([type, data]) => ({
  type: type as CartEventType,
  data: { ...data, ...stamp },
}));
const fields = cases.flatMap(({ type, data }) => Object.keys(data).map((field) => ({ type, data, field })));
const optional: Readonly<Record<string, string>> = { GuestCartMerged: 'sessionId', CartSealed: 'policy' };
const required = fields.filter(({ type, field }) => optional[type] !== field);

describe.each(cases)('$type', ({ type, data }) => {
  it('is read as it was written', () => {
    expect(decodeEvent({ type, data })).toEqual({ type, data });
    expect(isCartEventType(type)).toBe(true);
  });

  it('may expire never', () => {
    expect(decodeEvent({ type, data: { ...data, expiresAt: null } }).data.expiresAt).toBeNull();
  });

  it('may have happened at any time from 1970 on', () => {
    const past = { ...data, at: 0, expiresAt: 0 };
    expect(decodeEvent({ type, data: past })).toEqual({ type, data: past });
  });

  it('keeps fields of a newer version', () => {
    const newer = { ...data, giftWrap: { paper: 'red' } };
    expect(decodeEvent({ type, data: newer })).toEqual({ type, data: newer });
  });

  it.each([undefined, null, 'text', 1, true, [data]])('is not read from %j', (other) => {
    expect(() => decodeEvent({ type, data: other })).toThrow(
      new Undecodable(`${type} holds no JSON object.`),
    );
  });
});

it.each(required)('names the field when the $field of $type is missing', ({ type, data, field }) => {
  const { [field]: _, ...rest } = data;
  expect(() => decodeEvent({ type, data: rest })).toThrow(
    new Undecodable(`${type}: the field "${field}" is missing or malformed.`),
  );
});

it('takes a merge without a session', () => {
  const { sessionId: _, ...data }: Case['data'] = { ...events.GuestCartMerged, ...stamp };
  expect(decodeEvent({ type: 'GuestCartMerged', data })).toEqual({ type: 'GuestCartMerged', data });
});

it.each(fields)('names the field when the $field of $type is of another type', ({ type, data, field }) => {
  for (const value of wrong)
    expect(() => decodeEvent({ type, data: { ...data, [field]: value } })).toThrow(
      new Undecodable(`${type}: the field "${field}" is missing or malformed.`),
    );
});

it.each([
  { lineId: 1 },
  { sku: undefined },
  { quantity: 0 },
  { quantity: '2' },
  { attributes: 'red' },
  { attributes: ['red'] },
  { attributes: null },
])('refuses a line with %j wherever a line stands', (flaw) => {
  const flawed = { ...line, ...flaw };
  const merged = events.GuestCartMerged;
  const holders = [
    { type: 'ItemAdded', data: { ...events.ItemAdded, line: flawed } },
    { type: 'GuestCartMerged', data: { ...merged, lines: [line, flawed] } },
    { type: 'GuestCartMerged', data: { ...merged, dropped: [dropped, { ...dropped, line: flawed }] } },
  ];
  for (const { type, data } of holders)
    expect(() => decodeEvent({ type, data: { ...data, ...stamp } })).toThrow(Undecodable);
});

it.each([{ why: 'mood' }, { why: undefined }, { quantity: 0 }, { quantity: 1.5 }])(
  'refuses a dropped line with %j',
  (flaw) => {
    const data = { ...events.GuestCartMerged, ...stamp, dropped: [{ ...dropped, ...flaw }] };
    expect(() => decodeEvent({ type: 'GuestCartMerged', data })).toThrow(Undecodable);
  },
);

it.each([
  ['CartOpened', { kind: 'robot' }],
  ['CartOpened', { generation: 0 }],
  ['GuestCartMerged', { policy: 'min' }],
])('refuses %s with %j', (type, flaw) => {
  const data = { ...events[type as CartEventType], ...stamp, ...flaw };
  expect(() => decodeEvent({ type, data })).toThrow(Undecodable);
});

it.each(['', 'CartVanished', 'cartOpened', 'toString', '__proto__', 'constructor'])(
  'knows no event of type %j',
  (type) => {
    expect(isCartEventType(type)).toBe(false);
    expect(() => decodeEvent({ type, data: stamp })).toThrow(
      expect.objectContaining({
        code: 'undecodable',
        message: `"${type}" is no cart event of this version.`,
      }),
    );
  },
);
