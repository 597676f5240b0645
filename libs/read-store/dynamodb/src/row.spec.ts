import { canonical, type CartView, customerOwner, cartIdOf, guestOwner, type Json } from '@cartage/cart';
import { add, viewAfter } from '@cartage/read-store/testing';
import fc from 'fast-check';
import { fromRow, keyOf, toRow } from './row.ts';

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
const corrupted = (message: RegExp) =>
  expect.objectContaining({ code: 'corrupted', message: expect.stringMatching(message) });

describe('a row', () => {
  it('gives back the view it was made of, byte for byte', () => {
    fc.assert(
      fc.property(view, (made) => {
        const read = fromRow(toRow(made));
        expect(canonical(read)).toBe(canonical(made));
        expect(JSON.stringify(read)).toBe(JSON.stringify(made));
      }),
    );
  });

  it('has the revision, the bucket and the second of its purge time beside the view', () => {
    const row = toRow({ ...sample, purgeAt: 2_064_312_000_001 });
    const { cart: _, ...beside } = row;
    expect(beside).toStrictEqual({
      pk: { S: 'OWNER#u~42' },
      sk: { S: 'CART#main' },
      revision: { N: '1' },
      bucket: { N: expect.stringMatching(/^\d{1,4}$/) },
      ttl: { N: '2064312001' },
    });
  });

  it('has no ttl when its view is kept for ever', () => {
    const { purgeAt: _, ...forever } = sample;
    expect(toRow(forever)).not.toHaveProperty('ttl');
  });

  it.each([
    ['no view', { cart: { S: '{}' } }, /view of u~42~main.*Rebuild/],
    ['no text', { cart: { N: '1' } }, /view of u~42~main is no text.*Rebuild/],
    ['another revision', { revision: { N: '7' } }, /u~42~main.*of revision 1, its row of another.*Rebuild/],
    ['another owner', keyOf('u~43~main'), /view of u~43~main is another cart/],
    ['no owner', { pk: { S: 'BOOKS' } }, /"BOOKS".*no cart.*Rebuild/],
    ['no name', { sk: { S: 'main' } }, /"main" is no cart/],
  ])('of %s is refused', (_, change, message) => {
    expect(() => fromRow({ ...toRow(sample), ...change })).toThrow(corrupted(message));
  });

  it('is made for carts only', () => {
    expect(() => toRow({ ...sample, id: 'nobody' })).toThrow(expect.objectContaining({ code: 'invalid_id' }));
  });
});
