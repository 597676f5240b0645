import fc from 'fast-check';
import { isAttributes } from './attributes.ts';

const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/).filter((name) => name !== '__proto__');
const leaf = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const storable = fc.dictionary(
  key,
  fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(key, leaf, { maxKeys: 3 })),
  {
    maxKeys: 4,
  },
);

describe('attributes', () => {
  it('are what comes back the same from JSON', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        fc.pre(isAttributes(value));
        expect(JSON.stringify(JSON.parse(JSON.stringify(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('may be any small object of texts, numbers, truths, lists and objects', () => {
    const small = storable.filter((value) => !JSON.stringify(value).includes('\\u0000'));
    fc.assert(fc.property(small, (value) => isAttributes(value)));
  });

  it('have at most 1,024 bytes as JSON, counted in UTF-8', () => {
    expect(isAttributes({ a: 'x'.repeat(1016) })).toBe(true);
    expect(isAttributes({ a: 'x'.repeat(1017) })).toBe(false);
    expect(isAttributes({ a: 'ü'.repeat(508) })).toBe(true);
    expect(isAttributes({ a: 'ü'.repeat(509) })).toBe(false);
  });

  it('refuse a key named __proto__ at any level', () => {
    expect(isAttributes(JSON.parse('{"__proto__":1}'))).toBe(false);
    expect(isAttributes(JSON.parse('{"a":{"__proto__":1}}'))).toBe(false);
  });
});
