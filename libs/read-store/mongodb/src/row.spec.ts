import { bucketOf, canonical, type CartView, type Json } from '@cartage/cart';
import { add, viewAfter } from '@cartage/read-store/testing';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { fromRow, type Row, toRow } from './row.ts';

/** What the server keeps and gives back, with the driver's own options. */
const stored = (row: Row): Row =>
  BSON.deserialize(BSON.serialize(row, { ignoreUndefined: false }), { promoteValues: true }) as Row;

const syntax = [
  '$5',
  '$set',
  '"; DROP',
  "'",
  '\\',
  '__proto__',
  'constructor',
  '_bsontype',
  '$id',
  'a.b',
  '',
];
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...syntax));
// As attributes come from JSON, half surrogates and keys such as __proto__ included; it knows no −0.
const json = fc
  .oneof(fc.json({ maxDepth: 4, stringUnit: 'binary' }), fc.constantFrom('"\\ud800"', '{"$id":1,"$ref":""}'))
  .map((made) => JSON.parse(made) as Json);
const attributes = fc
  .array(fc.tuple(text, json))
  .map(
    (fields) =>
      JSON.parse(
        `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
      ) as { [key: string]: Json },
  );
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const units = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const required = {
  id: fc.constantFrom('u~42~main', "u~!'()*-._%F0%9F%9B%92~Wish_list-2"),
  status: fc.constantFrom('open', 'frozen', 'checkedOut', 'merged', 'erased'),
  kind: fc.constant('customer'),
  lines: fc.array(
    fc.record(
      { lineId: text, sku: text, quantity: units, attributes },
      { requiredKeys: ['lineId', 'sku', 'quantity'] },
    ),
  ),
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
  aFieldOfLater: text,
};
const view = fc.record(
  { ...required, ...optional },
  { requiredKeys: Object.keys(required) as (keyof typeof required)[] },
) as fc.Arbitrary<CartView>;

describe('a document', () => {
  it('gives back the view it was made of', () => {
    fc.assert(
      fc.property(view, (made) => {
        const read = fromRow(stored(toRow(made)));
        expect(read).toEqual(made);
        expect(canonical(read)).toBe(canonical(made));
        expect(Object.keys(read).sort()).toEqual(Object.keys(made).sort());
      }),
    );
  });

  it('holds what is searched and sorted by: id, bucket, revision, purge time, lines', () => {
    const made = viewAfter('u~42~main', [add('shirt', 2, { size: 'XL' })]);
    const { purgeAt, revision } = made;
    expect(toRow(made)).toMatchObject({
      _id: 'u~42~main',
      bucket: bucketOf('u~42'),
      revision,
      purgeAt: new Date(purgeAt ?? 0),
      lines: [{ sku: 'shirt', quantity: 2, attributes: '{"size":"XL"}' }],
    });
  });

  it('keeps a purge time that no date can express, which a TTL index leaves alone', () => {
    const made = { ...viewAfter('u~42~main', [add('shirt')]), purgeAt: 8.64e15 + 1 };
    expect(toRow(made)['purgeAt']).toBe(made.purgeAt);
    expect(fromRow(stored(toRow(made)))).toStrictEqual(made);
  });

  it.each([
    ['revision', { revision: 'many' }],
    ['lines', { lines: 7 }],
    ['lines', { lines: [null] }],
    ['lines', { lines: [{ lineId: 'a', sku: 'a', quantity: 1, attributes: 'no JSON' }] }],
    ['lines', { lines: [{ lineId: 'a', sku: 'a', quantity: 1, attributes: '[]' }] }],
    ['purgeAt', { purgeAt: new Date(NaN) }],
    ['purgeAt', { purgeAt: null }],
    ['another cart', { kind: 'guest' }],
  ])('is found damaged when it says of its %s: %j', (what, damage) => {
    const row = { ...toRow(viewAfter('u~42~main', [add('shirt')])), ...damage };
    const refusal = { code: 'corrupted', message: expect.stringMatching(`${what}.*Rebuild`) };
    expect(() => fromRow(row)).toThrow(expect.objectContaining(refusal));
  });
});
