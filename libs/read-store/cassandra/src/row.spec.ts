import { canonical, cartIdOf, type CartView, customerOwner, guestOwner, type Json } from '@cartage/cart';
import { add, viewAfter } from '@cartage/read-store/testing';
import fc from 'fast-check';
import { fromRow, type Row, toRow, viewIn } from './row.ts';

// Through JSON once, as everything from the log is: it knows no −0.
const json = fc.json({ maxDepth: 3, stringUnit: 'binary' }).map((made) => JSON.parse(made) as Json);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('$5', '"; DROP', "'", '__proto__', 'a.b', ''),
);
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const units = count.map((number) => number || 1);
const owner = fc.oneof(
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 16 })
    .filter((user) => encodeURIComponent(user).length < 190)
    .map(customerOwner),
  fc.stringMatching(/^[\w-]{22}$/).map(guestOwner),
);
const id = fc.tuple(owner, fc.stringMatching(/^[\w-]{1,32}$/)).map(([owns, name]) => cartIdOf(owns, name));
const attributes = fc.dictionary(fc.oneof(fc.stringMatching(/^\w{1,32}$/), text), json);
const line = fc.record(
  { lineId: text, sku: text, quantity: units, attributes },
  { requiredKeys: ['lineId', 'sku', 'quantity'] },
);
const required = {
  id,
  status: fc.constantFrom('open', 'frozen', 'checkedOut', 'merged', 'erased'),
  lines: fc.array(line),
  merges: fc.array(text),
  generation: count,
  revision: count,
  writeTime: units,
  createdAt: count,
  updatedAt: count,
  lineCount: count,
  itemCount: count,
} as const;
const optional = {
  purgeAt: count,
  expiresAt: count,
  frozenUntil: count,
  sessionId: text,
  mergedInto: text,
  orderId: text,
} as const;
const requiredKeys = Object.keys(required) as readonly (keyof typeof required)[];
const view: fc.Arbitrary<CartView> = fc
  .record({ ...required, ...optional }, { requiredKeys: [...requiredKeys] })
  .map((made) => ({ ...made, kind: made.id.startsWith('g') ? 'guest' : 'customer' }));

const sample = viewAfter('u~42~main', [add('shirt')]);

const stored = ({ owner: owns, name, cart }: Row, change: object = {}) => ({
  owner: owns,
  name,
  cart,
  ...change,
});

describe('a row', () => {
  it('gives back the view it was made of, byte for byte', () => {
    fc.assert(
      fc.property(view, (made) => {
        const read = fromRow(stored(toRow(made)));
        expect(canonical(read)).toBe(canonical(made));
        expect(JSON.stringify(read)).toBe(JSON.stringify(made));
        expect(JSON.stringify(viewIn(made.id, toRow(made).cart))).toBe(JSON.stringify(read));
      }),
    );
  });

  it('has the view’s own time, to the microsecond', () => {
    expect(toRow(sample)).toStrictEqual({
      owner: 'u~42',
      name: 'main',
      cart: JSON.stringify(sample),
      writeTime: BigInt(sample.writeTime),
    });
    expect(toRow({ ...sample, writeTime: Number.MAX_SAFE_INTEGER }).writeTime).toBe(2n ** 53n - 1n);
  });

  it('is never made without a time: Cassandra would take its own', () => {
    const { writeTime: _, ...timeless } = sample;
    expect(() => toRow(JSON.parse(JSON.stringify(timeless)) as CartView)).toThrow(TypeError);
    expect(() => toRow({ ...sample, writeTime: 1.5 })).toThrow(RangeError);
  });

  it.each([
    ['no view', { cart: '{}' }, /view of u~42~main.*Rebuild/],
    ['an empty cell', { cart: null }, /view of u~42~main is no text.*Rebuild/],
    ['another owner', { owner: 'u~43' }, /view of u~43~main is another cart/],
    ['no owner', { owner: '#checkpoints' }, /"#checkpoints~main" is not a cart id/],
  ])('of %s is refused', (_, change, message) => {
    expect(() => fromRow(stored(toRow(sample), change))).toThrow(
      expect.objectContaining({ code: 'corrupted', message: expect.stringMatching(message) }),
    );
  });

  it('is made for carts only', () => {
    expect(() => toRow({ ...sample, id: 'nobody' })).toThrow(expect.objectContaining({ code: 'invalid_id' }));
  });
});
