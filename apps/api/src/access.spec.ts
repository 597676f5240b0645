import { streamOf } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import {
  everybody,
  guestKey,
  guestTokenOf,
  isService,
  newGuest,
  type TestCaller,
} from './access/callers.fixture.ts';
import { startIssuer, type TestIssuer } from './access/issuer.fixture.ts';
import { type Expected, expectedOf, type Route, routes } from './access/routes.fixture.ts';
import { type Answer, Client } from './testing/client.ts';
import { openShop, projected, type Shop } from './testing/shop.ts';

type World = {
  readonly shop: Shop;
  readonly issuer: TestIssuer;
  readonly callers: readonly TestCaller[];
  /** May do anything with anybody's carts; prepares what the routes find. */
  readonly service: Client;
};

async function openWorld(): Promise<World> {
  const issuer = await startIssuer();
  const { url: JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE } = issuer.jwks;
  const GUEST_TOKEN_KEYS = `${guestKey.id}:${guestKey.secret}`;
  const shop = await openShop({ env: { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, GUEST_TOKEN_KEYS } });
  const token = await issuer.sign({ sub: 'warehouse', scope: 'carts:read carts:write' });
  return { issuer, shop, callers: await everybody(issuer), service: new Client(shop.api.url, token) };
}

/** What only this owner's carts hold. */
const secretOf = (owner: string): string => `secret-of-${owner.slice(2)}-only`;
const ownersOf = ({ callers }: World): readonly string[] => [...new Set(callers.map(({ owner }) => owner))];

/** Every owner gets a cart of this name with a line of their own; some are then merged away. */
async function prepare(world: World, name: string, { frozen }: Route): Promise<void> {
  const { service, shop, issuer, callers } = world;
  const until = new Date(Date.now() + 600_000).toISOString();
  for (const owner of ownersOf(world)) {
    const cart = `/v1/owners/${owner}/carts/${name}`;
    const { status } = await service.post(`${cart}/items`, { sku: secretOf(owner), quantity: 2 });
    expect(status).toBe(200);
    if (frozen) await service.put(`${cart}/freeze`, { until });
  }
  const heir = new Client(shop.api.url, await issuer.sign({ sub: 'heir' }));
  for (const { owner } of callers.filter(({ kind }) => kind === 'merged')) {
    const { body } = await heir.post(`/v1/carts/${name}/merge`, { guestToken: guestTokenOf(owner) });
    expect(body.merge?.outcome).toBe('merged');
  }
  await projected(shop);
}

/** A guest whose cart nobody has merged yet. */
async function guestToMerge({ service }: World, name: string): Promise<string> {
  const owner = newGuest();
  await service.post(`/v1/owners/${owner}/carts/${name}/items`, { sku: 'bait', quantity: 1 });
  return owner;
}

/** Sends what the route takes to the caller's own cart; to user A's where it is a shopper on the services' routes. */
async function call(
  { shop }: World,
  caller: TestCaller,
  { route, body, query = '' }: Route,
  name: string,
  guest: string,
): Promise<Answer & { readonly cartId: string }> {
  const [method = '', template = ''] = route.split(' ');
  const owner = template.includes('{owner}') && !isService(caller.kind) ? 'u~a' : caller.owner;
  const path = template
    .replace('{owner}', owner)
    .replace('{name}', name)
    .replace('{lineId}', secretOf(owner));
  const sent = route.endsWith('/merge') ? { ...body, guestToken: guestTokenOf(guest) } : body;
  const headers: Record<string, string> = sent ? { 'content-type': 'application/json' } : {};
  const client = new Client(shop.api.url, caller.token);
  const answer = await client.raw(method, path + query, sent && JSON.stringify(sent), headers);
  if (method === 'GET') expect((await client.raw('HEAD', path + query)).status).toBe(answer.status);
  return { ...answer, cartId: `${owner}~${name}` };
}

/** The streams written to after this position. */
async function writtenSince(events: EventStore, position: bigint): Promise<readonly string[]> {
  const head = await events.head();
  const streams = new Set<string>();
  if (head === position) return [];
  for await (const batch of events.follow(position)) {
    for (const { stream } of batch.events) streams.add(stream);
    if (batch.position >= head) break;
  }
  return [...streams].toSorted();
}

/** One cell of the matrix: who was answered what, whose secrets the answer held, which streams were written to. */
async function cell(world: World, route: Route, caller: TestCaller, name: string, guest: string) {
  const { events } = world.shop.stores;
  const before = await events.head();
  const answer = await call(world, caller, route, name, guest);
  const text = JSON.stringify(answer.body);
  const { cartId, status, body } = answer;
  const actual: Expected = { status, ...(body.code !== undefined && { code: body.code }) };
  const expected = expectedOf(route, caller.kind);
  const succeeds = expected.code === undefined && route.audience !== 'all';
  const seen =
    succeeds && route.shows && caller.kind !== 'merged' ? [cartId.slice(0, cartId.lastIndexOf('~'))] : [];
  const streams = route.route.endsWith('/merge') ? [cartId, `${guest}~${name}`] : [cartId];
  const written = succeeds && route.changes ? streams.map(streamOf).toSorted() : [];
  return {
    expected: { ...expected, sees: seen, writes: written },
    actual: {
      ...actual,
      sees: ownersOf(world).filter((owner) => text.includes(secretOf(owner))),
      writes: await writtenSince(events, before),
    },
  };
}

describe('access', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(async () => {
    await world.shop.close();
    await world.issuer.close();
  });

  it('is decided here for every route the API has', async () => {
    expect(await documentedRoutes(world.shop)).toEqual(routes.map(({ route }) => route).toSorted());
  });

  it.each(routes.map((route, row) => ({ ...route, row })))('to $route is for $audience', async (route) => {
    const name = `row-${route.row}`;
    await prepare(world, name, route);
    const expected: Record<string, unknown> = {};
    const actual: Record<string, unknown> = {};
    for (const caller of world.callers) {
      const guest = route.route.endsWith('/merge') ? await guestToMerge(world, name) : '';
      const outcome = await cell(world, route, caller, name, guest);
      expected[caller.name] = outcome.expected;
      actual[caller.name] = outcome.actual;
    }
    expect(actual).toEqual(expected);
  });
});

async function documentedRoutes({ api }: Shop): Promise<readonly string[]> {
  const { body } = await new Client(api.url).get('/docs-json');
  const paths = Object.entries(body['paths'] as Record<string, object>);
  const methods = new Set(['get', 'put', 'post', 'patch', 'delete', 'head', 'options', 'trace']);
  return paths
    .flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => methods.has(key))
        .map((method) => `${method.toUpperCase()} ${path}`),
    )
    .toSorted();
}
