import fc, { type Arbitrary } from 'fast-check';
import { badQuery, badSegment, badValue, bytesOf, mostly, objectText, words } from './nasty.fixture.ts';
import { type Headers, headers } from './headers.fixture.ts';
import type { FuzzCaller, Population, Role } from './population.fixture.ts';

/** `headers` are names and values in latin1; `body` comes with its length unless the wire says otherwise. */
export type FuzzRequest = {
  readonly caller: FuzzCaller;
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer | undefined;
};

type Action = { readonly weight?: number; readonly on: string; readonly body?: Arbitrary<string> };

const oneOf = (...values: readonly unknown[]): Arbitrary<string> =>
  fc.constantFrom(...values.map((value) => JSON.stringify(value)));
const skus = [...words('tea tea milk milk oil A.b_c-9 __proto__'), 'x'.repeat(64)];
const quantity = fc.constantFrom('1', '2', '3', '40', '999');
const attributes = oneOf({ size: 'L' }, { a: { b: ['ü', -1.5, true, null] } }, { constructor: 1 }, {});
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const sessionId = oneOf('s-1', 's-2');

/** What can be done with the carts of one owner, by the path below them. */
const onCarts = ({ guestTokens }: Population): readonly Action[] => [
  { on: 'GET ' },
  { weight: 3, on: 'GET /{name}' },
  { on: 'DELETE /{name}' },
  {
    weight: 6,
    on: 'POST /{name}/items',
    body: objectText({ sku: oneOf(...skus), quantity, 'attributes?': attributes }),
  },
  { on: 'DELETE /{name}/items' },
  {
    weight: 3,
    on: 'PATCH /{name}/items/{lineId}',
    body: objectText({ quantity: mostly(quantity, oneOf(0)) }),
  },
  { on: 'DELETE /{name}/items/{lineId}' },
  {
    weight: 2,
    on: 'PUT /{name}/freeze',
    body: objectText({
      until: mostly(oneOf(inSeconds(60), inSeconds(600)), oneOf(inSeconds(9e9), inSeconds(-9))),
    }),
  },
  { weight: 2, on: 'DELETE /{name}/freeze' },
  { weight: 2, on: 'POST /{name}/checkout', body: objectText({ orderId: oneOf('o-1', 'o-2') }) },
  { on: 'PUT /{name}/session', body: objectText({ sessionId }) },
  {
    weight: 2,
    on: 'POST /{name}/merge',
    body: objectText({
      'guestToken?': oneOf(...guestTokens),
      'policy?': oneOf('max', 'sum', 'keepCustomer', 'keepGuest'),
      'sessionId?': sessionId,
    }),
  },
];

const elsewhere: readonly Action[] = [
  { on: 'GET /health/live' },
  { on: 'GET /health/ready' },
  { on: 'GET /docs-json' },
  { on: 'POST /v1/guests', body: fc.constant('') },
  { on: 'POST /dev/login', body: objectText({ userId: oneOf('7', 'a~b'), 'scope?': oneOf('carts:read') }) },
  { on: 'POST /v1/{name}/{lineId}' },
];

const roles: readonly (readonly [Role, number])[] = [
  ['guest', 4],
  ['user', 4],
  ['writer', 4],
  ['reader', 1],
  ['nobody', 2],
];
const methods = words('GET POST PUT PATCH DELETE HEAD OPTIONS TRACE QUERY PROPFIND M-SEARCH');

/** Requests of anybody on anything. Most are sound, so that they reach the carts; each part of some is not. */
export function requests(population: Population): Arbitrary<FuzzRequest> {
  const { callers, served, bystanders } = population;
  const caller = fc.oneof(
    ...roles.map(([role, weight]) => ({
      weight,
      arbitrary: fc.constantFrom(...callers.filter((one) => one.role === role)),
    })),
  );
  const parts = {
    caller,
    name: mostly(
      fc.constantFrom('main', 'main', 'main', 'gifts', 'gifts', '__proto__', 'constructor'),
      badSegment,
      16,
    ),
    lineId: mostly(fc.constantFrom(...skus), badSegment),
    owner: mostly(fc.constantFrom(...served.slice(0, 1), ...served).map(encodeURIComponent), badSegment, 16),
    bystander: fc.constantFrom(...bystanders.map(({ owner }) => owner)),
    strays: mostly(fc.constant(false), fc.constant(true)),
    method: mostly(fc.constant(undefined), fc.constantFrom(...methods), 16),
    query: mostly(fc.constantFrom('', '', '?consistency=strong', '?atLeast=0'), badQuery, 12),
    headers,
  };
  const of = ({ on, body, weight = 1 }: Action, isOnCarts: boolean) => ({
    weight,
    arbitrary: fc
      .record({ ...parts, body: body ? bytesOf(body) : mostly(fc.constant(undefined), bytesOf(badValue)) })
      .map(({ strays, bystander, name, lineId, query, ...rest }): FuzzRequest => {
        const [method = '', path = ''] = on.split(' ');
        const isService = rest.caller.role === 'writer' || rest.caller.role === 'reader';
        const base =
          isService === strays ? '/v1/carts' : `/v1/owners/${isService ? rest.owner : bystander}/carts`;
        const target =
          (isOnCarts ? base : '') + path.replace('{name}', name).replace('{lineId}', lineId) + query;
        return {
          caller: rest.caller,
          method: rest.method ?? method,
          target,
          headers: rest.headers,
          body: rest.body,
        };
      }),
  });
  return fc.oneof(
    ...onCarts(population).map((action) => of(action, true)),
    ...elsewhere.map((action) => of(action, false)),
  );
}
