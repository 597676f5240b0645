import { type CallerKind, isService } from './callers.fixture.ts';

/** Who a route is for. Services need the scope. */
export type Audience = 'all' | 'shoppers' | 'users' | 'carts:read' | 'carts:write';

/** `code` as in the problem; undefined for success. */
export type Expected = { readonly status: number; readonly code?: string };

export type Route = {
  /** As the OpenAPI document names it. */
  readonly route: string;
  readonly audience: Audience;
  readonly status: number;
  readonly body?: object;
  readonly query?: string;
  /** Whether it appends to the cart when it succeeds. */
  readonly changes: boolean;
  /** Whether its answer holds the cart's lines. */
  readonly shows: boolean;
  /** What the cart is before the call, beside holding one line. */
  readonly frozen?: boolean;
  /** Where a kind of caller who may use the route is refused by the cart. */
  readonly refused?: Partial<Record<CallerKind, Expected>>;
};

const merged = { status: 409, code: 'cart_merged' } as const;
const read = { status: 200, changes: false, shows: true } as const;
const command = { status: 200, changes: true, shows: true, refused: { merged } } as const;
const open = { audience: 'all', changes: false, shows: false } as const;

const until = new Date(Date.now() + 600_000).toISOString();
const forGuests = { status: 409, code: 'not_for_guests' } as const;

/** What can be done with the carts of one owner, by path below it. */
const onCarts: readonly (Omit<Route, 'route' | 'audience'> & { readonly on: string })[] = [
  { on: 'GET ', ...read },
  { on: 'GET /{name}', query: '?consistency=strong', ...read },
  { on: 'DELETE /{name}', ...command, shows: false },
  { on: 'POST /{name}/items', body: { sku: 'more', quantity: 1 }, ...command },
  { on: 'DELETE /{name}/items', ...command, shows: false },
  { on: 'PATCH /{name}/items/{lineId}', body: { quantity: 9 }, ...command },
  { on: 'DELETE /{name}/items/{lineId}', ...command, shows: false },
  { on: 'PUT /{name}/freeze', body: { until }, ...command },
  { on: 'DELETE /{name}/freeze', frozen: true, ...command },
  { on: 'POST /{name}/checkout', body: { orderId: 'order-1' }, ...command },
  { on: 'PUT /{name}/session', body: { sessionId: 's' }, ...command, refused: { merged, guest: forGuests } },
  { on: 'POST /{name}/merge', body: { policy: 'sum' }, ...command },
];

/** Every route of the API, and what it may do for whom. */
export const routes: readonly Route[] = [
  { route: 'GET /health/live', status: 200, ...open },
  { route: 'GET /health/ready', status: 200, ...open },
  { route: 'POST /v1/guests', status: 201, ...open },
  ...onCarts.map(({ on, ...rest }): Route => ({
    ...rest,
    route: on.replace(' ', ' /v1/carts'),
    audience: on.endsWith('/merge') ? 'users' : 'shoppers',
  })),
  ...onCarts.map(({ on, ...rest }): Route => ({
    ...rest,
    route: on.replace(' ', ' /v1/owners/{owner}/carts'),
    audience: on.startsWith('GET') ? 'carts:read' : 'carts:write',
  })),
];

const unauthenticated = { status: 401, code: 'unauthenticated' } as const;
const forbidden = { status: 403, code: 'forbidden' } as const;
const insufficient = { status: 403, code: 'insufficient_scope' } as const;

/** What the route answers to such a caller. */
export function expectedOf({ audience, status, refused }: Route, kind: CallerKind): Expected {
  if (audience === 'all') return { status };
  if (kind === 'nobody' || kind === 'impostor') return unauthenticated;
  if (audience === 'shoppers') return isService(kind) ? forbidden : (refused?.[kind] ?? { status });
  if (audience === 'users') return kind === 'user' ? { status } : forbidden;
  if (!isService(kind)) return forbidden;
  const lacking = audience === 'carts:read' ? 'writer' : 'reader';
  return kind === lacking ? insufficient : { status };
}
