import fc, { type Arbitrary } from 'fast-check';
import { badHeaderValue, mostly, words } from './nasty.fixture.ts';

export type Headers = readonly (readonly [string, string])[];
const none = fc.constant<Headers>([]);

const header = (name: string, good: Arbitrary<string>, oneIn: number) =>
  mostly<Headers>(
    none,
    mostly(good, badHeaderValue).map((value) => [[name, value]]),
    oneIn,
  );
const contentType = mostly(
  fc.constantFrom(
    ...words('application/json application/json APPLICATION/JSON'),
    'application/json; charset=utf-8',
  ),
  fc.constantFrom(
    '',
    'application/json, text/plain',
    ...words('text/plain application/jsonx multipart/form-data ; __proto__/x'),
  ),
  12,
);
const oddHeader: Arbitrary<Headers> = fc.oneof(
  fc.constantFrom<Headers>(
    [['expect', '100-continue']],
    [['expect', 'a miracle']],
    [['cookie', 'cartage_guest=v1.dev.x.9.y; cartage_guest=; =; a']],
    [['x-http-method-override', 'DELETE']],
    [['accept', '\u00ff']],
    [['content-encoding', 'gzip']],
    [['upgrade', 'h2c']],
    [['x-forwarded-for', '::1, nonsense']],
    [['x-big', 'x'.repeat(17_000)]],
    [
      ['idempotency-key', 'k-1'],
      ['idempotency-key', 'k-2'],
    ],
    [
      ['if-match', '"1"'],
      ['if-match', '*'],
    ],
  ),
  badHeaderValue.map((value) => [['__proto__', value] as const]),
  fc.constant(Array.from({ length: 900 }, (_, i) => [`x${i}`, 'y'] as const)),
);
/** Those of a request beside the ones that frame it. */
export const headers: Arbitrary<Headers> = fc
  .tuple(
    contentType.map((type) => [['content-type', type] as const]),
    header('idempotency-key', fc.constantFrom('k-1', 'k-2', 'x'.repeat(64)), 3),
    header('if-match', fc.constantFrom('*', '"0"', '"2"', '"4"', '"1", "3", W/"5"'), 8),
    header('if-none-match', fc.constantFrom('*', '"-1"', 'W/"2"', '"1", "3", "4"'), 3),
    mostly(none, oddHeader, 8),
  )
  .map((all) => all.flat());
