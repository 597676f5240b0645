import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Unavailable } from '@cartage/event-store';
import { routes } from '../access/routes.fixture.ts';
import { newGuest, newService, newUser, type Service, type Shopper } from '../testing/client.ts';
import { losingAnswers, racing } from '../testing/log-faults.ts';
import { openShop, type Shop } from '../testing/shop.ts';
import type { Operation } from './document.fixture.ts';
import type { WireAnswer } from './wire.fixture.ts';

/** How an operation is asked for; what is left out is as for success. */
type Asked = {
  readonly url?: string;
  readonly token?: string | undefined;
  readonly owner?: string;
  readonly name?: string;
  readonly lineId?: string;
  readonly query?: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
};

export type World = {
  readonly shop: Shop;
  /** Takes one request a minute of one caller. */
  readonly strict: Shop;
  /** Has all it can take under way. */
  readonly busy: Shop;
  readonly underWay: Socket;
  readonly service: Service;
};

/** Someone with a cart that holds a tea; `asked` is what they may do with it. */
type Case = {
  readonly world: World;
  readonly operation: Operation;
  readonly shopper: Shopper;
  readonly asked: Asked;
};

let carts = 0;
const json = { 'content-type': 'application/json' };
const tea = { sku: 'tea', quantity: 2 };
const bodies = new Map(routes.map(({ route, body }) => [route, body && JSON.stringify(body)]));
const bodyOf = ({ name }: Operation): string | undefined =>
  name === 'POST /dev/login' ? '{"userId":"42"}' : bodies.get(name);
const isOfOwner = ({ path }: Operation): boolean => path.includes('{owner}');

async function ask({ world, operation }: Case, asked: Asked): Promise<WireAnswer> {
  const { url = world.shop.api.url, token, owner = '', name = '', lineId = 'tea', query = '' } = asked;
  const path = operation.path.replace('{owner}', owner).replace('{name}', name).replace('{lineId}', lineId);
  const response = await fetch(url + path + query, {
    method: operation.method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(asked.body !== undefined && json),
      ...asked.headers,
    },
    ...(asked.body !== undefined && { body: asked.body }),
  });
  const { status, headers } = response;
  return { status, headers: Object.fromEntries(headers), body: await response.text() };
}

/** A customer's cart where a guest's would do, since guests may do less. */
async function prepare(world: World, operation: Operation, make = newUser): Promise<Case> {
  carts += 1;
  const name = `cart-${carts}`;
  const shopper = await make(world.shop.api.url);
  await shopper.post(`/v1/carts/${name}/items`, tea);
  const token = isOfOwner(operation) ? world.service.token : shopper.token;
  const asked = { token, owner: shopper.owner, name, body: bodyOf(operation) };
  return { world, operation, shopper, asked };
}

/** A guest's cart that a customer has taken over. */
async function taken(world: World, operation: Operation): Promise<Case> {
  const ready = await prepare(world, operation, newGuest);
  const user = await newUser(world.shop.api.url);
  await user.post(`/v1/carts/${ready.asked.name}/merge`, { guestToken: ready.shopper.token });
  return ready;
}

/** Every command on a cart that was merged away; but no guest may merge, so there a race is lost again and again. */
async function conflict(world: World, operation: Operation): Promise<WireAnswer> {
  if (operation.name !== 'POST /v1/carts/{name}/merge') {
    const ready = await taken(world, operation);
    return ask(ready, ready.asked);
  }
  const { events } = world.shop.stores;
  const { url } = await world.shop.anotherApi({ events: racing(events, Infinity) });
  const ready = await prepare(world, operation);
  const guest = await newGuest(world.shop.api.url);
  await guest.post(`/v1/carts/${ready.asked.name}/items`, tea);
  return ask(ready, { ...ready.asked, url, body: JSON.stringify({ guestToken: guest.token }) });
}

async function unready(ready: Case): Promise<WireAnswer> {
  const { shop } = ready.world;
  const head = () => Promise.reject(new Unavailable('The log is away.'));
  const { url } = await shop.anotherApi({ events: { ...losingAnswers(shop.stores.events, 0), head } });
  return ask(ready, { url });
}

function malformed({ operation, asked }: Case): Asked {
  if (operation.path.includes('{name}')) return { ...asked, name: 'a%20b' };
  return operation.method === 'GET' ? { ...asked, query: '?atLeast=1' } : { ...asked, body: '{' };
}

export const other = (what: Partial<Asked>) => async (world: World, operation: Operation) => {
  const ready = await prepare(world, operation);
  return ask(ready, { ...ready.asked, ...what });
};

/** How each status is reached, whatever the operation. */
export const recipes: Readonly<Record<number, (world: World, operation: Operation) => Promise<WireAnswer>>> =
  {
    200: other({}),
    201: other({}),
    304: async (world, operation) => {
      const ready = await prepare(world, operation);
      const strong = { ...ready.asked, query: '?consistency=strong' };
      const { etag = '' } = (await ask(ready, strong)).headers;
      return ask(ready, { ...strong, headers: { 'if-none-match': etag } });
    },
    400: async (world, operation) => {
      const ready = await prepare(world, operation);
      return ask(ready, malformed(ready));
    },
    401: other({ token: undefined }),
    403: async (world, operation) => {
      const ready = await prepare(world, operation);
      const token = isOfOwner(operation) ? ready.shopper.token : world.service.token;
      return ask(ready, { ...ready.asked, token });
    },
    404: other({ lineId: 'none' }),
    409: conflict,
    412: other({ headers: { 'if-match': '"99"' } }),
    413: other({ body: ' '.repeat(16 * 1024 + 1) }),
    414: other({ owner: `u~${'x'.repeat(600)}`, name: 'x'.repeat(601) }),
    415: other({ body: 'tea', headers: { 'content-type': 'text/plain' } }),
    422: async (world, operation) => {
      const ready = await prepare(world, operation);
      const headers = { 'idempotency-key': 'k' };
      await ready.shopper.post(`/v1/carts/${ready.asked.name}/items`, tea, headers);
      return ask(ready, { ...ready.asked, headers });
    },
    429: async (world, operation) => {
      const ready = await prepare(world, operation);
      const { url } = world.strict.api;
      await ask(ready, { url });
      return ask(ready, { url });
    },
    503: async (world, operation) => {
      const ready = await prepare(world, operation);
      return operation.path === '/health/ready' ? unready(ready) : ask(ready, { url: world.busy.api.url });
    },
  };

export async function openWorld(): Promise<World> {
  const shop = await openShop();
  const strict = await openShop({ projected: false, env: { RATE_LIMIT: '1' } });
  const busy = await openShop({ projected: false, env: { MAX_IN_FLIGHT: '1' } });
  const underWay = connect(Number(new URL(busy.api.url).port), '127.0.0.1');
  await once(underWay, 'connect');
  underWay.write('POST /v1/guests HTTP/1.1\r\nhost: a\r\n');
  underWay.write('content-type: application/json\r\ncontent-length: 9\r\n\r\n');
  const inFlight = async () =>
    (await busy.api.metrics.registry.getSingleMetric('cartage_in_flight')?.get())?.values;
  while ((await inFlight())?.[0]?.value !== 1) await new Promise((resolve) => setTimeout(resolve, 2));
  return { shop, strict, busy, underWay, service: await newService(shop.api.url) };
}

export async function closeWorld({ underWay, ...shops }: World): Promise<void> {
  underWay.destroy();
  for (const shop of [shops.shop, shops.strict, shops.busy]) await shop.close();
}
