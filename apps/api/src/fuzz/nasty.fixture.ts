import fc, { type Arbitrary } from 'fast-check';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** What stands between the spaces. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** JSON texts that stand where something else is expected. Not all are JSON. */
const badValues = [
  ...words(
    `null true [] {} "" [[1]] NaN Infinity undefined 'x' {"a":{"b":{"c":{}}}} {"a":1,"a":2} {"$gt":""}`,
  ),
  ...words('-1 -0 0 0.5 1000 1e3 1e308 1e999 -1e999 1e-999 9007199254740993 0x10 01'),
  ...words(String.raw`"1" "\u0000" "\ud800" "\udc00x" "\x41" "$5" "%00" "__proto__"`),
  ...words('{"__proto__":{"polluted":1}} {"constructor":{"prototype":{"polluted":1}}} {"toJSON":1}'),
  ...words(String.raw`{"\u005f_proto__":{"polluted":1}} {"then":1,"length":-1}`),
  '"\u202e\u2028"',
  ...[10, 1000, 8000].map(nested),
  ...[33, 65, 1100, 16_000].map((length) => JSON.stringify('x'.repeat(length))),
];

const badNames = words('price owner __proto__ constructor prototype toString then length');

const unicode = fc.string({ unit: 'binary', maxLength: 40 });

export const badValue: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...badValues) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: unicode.map((text) => JSON.stringify(text)) },
);

/** Mostly `good`, now and then something else. */
export const mostly = <T>(good: Arbitrary<T>, bad: Arbitrary<T>, oneIn = 8): Arbitrary<T> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: good }, { weight: 1, arbitrary: bad });

/**
 * `fields` maps each to an arbitrary JSON text of what it should be; `?` behind a name says that it may be left out. Each may be
 * missing, wrong or double, and others may join them.
 */
export function objectText(fields: Readonly<Record<string, Arbitrary<string>>>): Arbitrary<string> {
  const known = Object.entries(fields).map(([key, good]) => {
    const name = key.replace('?', '');
    const once = mostly(good, badValue, 16).map((value) => [`"${name}":${value}`]);
    const twice = fc.tuple(badValue, good).map((values) => values.map((value) => `"${name}":${value}`));
    const none = fc.constant<string[]>([]);
    return name === key ? mostly(once, fc.oneof(none, twice), 16) : fc.oneof(none, once);
  });
  const key = fc.oneof(fc.constantFrom('', ...badNames), unicode);
  const unknown = fc.tuple(key, badValue).map(([name, value]) => [`${JSON.stringify(name)}:${value}`]);
  return fc
    .tuple(...known, mostly(fc.constant<string[]>([]), unknown, 16))
    .map((members) => `{${members.flat().join(',')}}`);
}

const padded = (text: string, bytes: number): string =>
  text + ' '.repeat(Math.max(0, bytes - Buffer.byteLength(text)));

/** The bytes of a body of this text, or of one that is damaged, oddly encoded, or at the limit of 16 KB. */
export function bytesOf(text: Arbitrary<string>): Arbitrary<Buffer> {
  const limits = fc.constantFrom(16_383, 16_384, 16_385, 40_000);
  const damaged = fc.oneof(
    fc
      .constantFrom('', ' ', '[]', 'null', '"x"', '7', '{', '{"a":1}{', 'sku=tea', '<a/>', '\u0000')
      .map((whole) => Buffer.from(whole)),
    text.map((whole) => Buffer.from(`\ufeff${whole}`)),
    text.map((whole) => Buffer.from(whole, 'utf16le')),
    fc.tuple(text, limits).map(([whole, bytes]) => Buffer.from(padded(whole, bytes))),
    fc.tuple(text, fc.nat(400)).map(([whole, end]) => Buffer.from(whole).subarray(0, end)),
    fc
      .tuple(
        text,
        fc.nat(40),
        fc.constantFrom([0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0], [0x1b]),
      )
      .map(([whole, at, bytes]) => {
        const good = Buffer.from(whole);
        return Buffer.concat([good.subarray(0, at), Buffer.from(bytes), good.subarray(at)]);
      }),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  );
  return mostly(
    text.map((whole) => Buffer.from(whole)),
    damaged,
    10,
  );
}

/** What may stand for a parameter of a path; it is one segment, but may decode to several. */
export const badSegment: Arbitrary<string> = fc.constantFrom(
  '',
  ...words(
    '. .. %2e%2e ..%2f ..%2f..%2fowners %2F %00 %0d%0a % %zz %c0%af %ed%a0%80 a%20b a+b %f0%9f%9b%92 %25 %2525',
  ),
  ...words('* :name {name} ..;a=b main~x ~ ma%69n -1 toString hasOwnProperty %5f%5fproto%5f%5f'),
  ...[33, 81, 199, 601, 2000].map((length) => 'x'.repeat(length)),
);

export const badQuery: Arbitrary<string> = fc.constantFrom(
  ...words(
    '? ?&&& ?= ?atLeast ?atLeast=-2 ?atLeast=1e3 ?atLeast=1&atLeast=2 ?atLeast[]=1 ?atLeast=%zz ?a=%ff #x ;a=1',
  ),
  ...words(
    '?atLeast=999999999 ?atLeast=9999999999 ?consistency=weak ?consistency= ?CONSISTENCY=strong ?%00=1',
  ),
  ...words('?__proto__=1 ?__proto__[a]=1 ?constructor=1 ?then=1 ?toString=1'),
  `?a=${'x'.repeat(4000)}`,
  `?${'a=1&'.repeat(1500)}`,
);

/** Values that Node's parser lets through to the application. */
export const badHeaderValue: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '*',
    '"',
    '""',
    '"1',
    'W/',
    'w/"1"',
    '"1" "2"',
    ',',
    '"1",,',
    '\u00e9\u00ff',
    '\t',
    '__proto__',
    'null',
  ),
  fc.constantFrom(
    'x'.repeat(65),
    'x'.repeat(5000),
    '"'.repeat(3000),
    '"1", '.repeat(500),
    'W/"1"'.repeat(500),
    ', '.repeat(2000),
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
);
