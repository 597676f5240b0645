import fc from 'fast-check';
import { type Article, type Attributes, type Json, type Line, lineOf, sortedJson, withLine } from './line.ts';

/** JSON as a client may send it, keys that are special in JavaScript among them. */
const json = fc.jsonValue() as fc.Arbitrary<Json>;
const attributes = fc.dictionary(fc.string(), json) as fc.Arbitrary<Attributes>;

const hold = (...articles: readonly Article[]): readonly Line[] =>
  articles.reduce<readonly Line[]>((lines, article) => withLine(lines, lineOf(lines, article, 1)), []);
const idsOf = (...articles: readonly Article[]): readonly string[] =>
  hold(...articles).map(({ lineId }) => lineId);

function shuffleKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffleKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, inner]) => [key, shuffleKeys(inner)]));
}

describe('sorted JSON', () => {
  it('has its keys in order at every depth, and the order of a list as it is', () => {
    expect(sortedJson({ b: [{ d: 1, c: 'x' }, 2], a: null, B: true })).toBe(
      '{"B":true,"a":null,"b":[{"c":"x","d":1},2]}',
    );
  });

  it('means what it was made of', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(sortedJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is one text for equal values, and another for others', () => {
    fc.assert(
      fc.property(json, json, (value, other) => {
        expect(sortedJson(shuffleKeys(value))).toBe(sortedJson(value));
        const same = sortedJson(shuffleKeys(other)) === sortedJson(value);
        expect(same).toBe(isEqual(other, value));
      }),
    );
  });

  it('does not fall for keys that mean something to JavaScript', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"10":3,"9":4}') as Json;
    expect(sortedJson(value)).toBe('{"10":3,"9":4,"__proto__":{"a":1},"constructor":2}');
  });
});

describe('a line id', () => {
  it('is the sku, or the sku with a hash over its attributes', () => {
    expect(idsOf({ sku: 'a' }, { sku: 'b', attributes: {} })).toEqual(['a', 'b']);
    expect(idsOf({ sku: 'a', attributes: { size: 1 } })).toEqual(['a.5275f683']);
  });

  it('passes over one that a sku has by itself, whichever came first', () => {
    const made = { sku: 'a', attributes: { size: 1 } };
    const [hashed = ''] = idsOf(made);
    const alike = { sku: hashed };
    for (const lines of [hold(made, alike), hold(alike, made)]) {
      expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(2);
      expect(lines.map(({ sku }) => sku).toSorted()).toEqual(['a', hashed]);
    }
    expect(hold(made, alike, made, alike)).toHaveLength(2);
  });

  it('is unique in a cart, and the article finds its line again', () => {
    const articles = fc.array(fc.record({ sku: fc.constantFrom('a', 'b'), attributes }), { maxLength: 12 });
    fc.assert(
      fc.property(articles, (all) => {
        const lines = hold(...all);
        expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
        for (const article of all) expect(lineOf(lines, article, 7).lineId).toBe(lineIdIn(lines, article));
      }),
    );
  });
});

it('a held line keeps its id and its attributes when its quantity changes', () => {
  const [held] = hold({ sku: 'a', attributes: { x: 1, y: 2 } });
  if (!held) throw new Error('one article makes one line');
  expect(lineOf([held], { sku: 'a', attributes: { y: 2, x: 1 } }, 9)).toEqual({ ...held, quantity: 9 });
});

const isEqual = (a: Json, b: Json): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));

/** Objects as lists of their fields, ordered by key: equality that does not rely on the code under test. */
function ordered(value: Json): unknown {
  if (Array.isArray(value)) return { list: value.map(ordered) };
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, ordered(inner)] as const);
  return { fields: entries.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

function lineIdIn(lines: readonly Line[], { sku, attributes: made = {} }: Article): string | undefined {
  return lines.find((line) => line.sku === sku && isEqual(line.attributes ?? {}, made))?.lineId;
}
