import { Client, newGuest, newUser } from '../testing/client.ts';
import { openShop, type Shop } from '../testing/shop.ts';
import { everybody, guestKey } from './callers.fixture.ts';
import { startIssuer, type TestIssuer } from './issuer.fixture.ts';

type Env = Readonly<Record<string, string>>;

async function withShop(env: Env, test: (shop: Shop, client: Client) => Promise<void>): Promise<void> {
  const shop = await openShop({ env, projected: false });
  try {
    await test(shop, new Client(shop.api.url));
  } finally {
    await shop.close();
  }
}

/** A deployment that has an issuer of its own. */
async function withIssuer(
  env: Env,
  test: (shop: Shop, client: Client, issuer: TestIssuer) => Promise<void>,
): Promise<void> {
  const issuer = await startIssuer();
  const { url: JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE } = issuer.jwks;
  const GUEST_TOKEN_KEYS = `${guestKey.id}:${guestKey.secret}`;
  try {
    await withShop({ JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, GUEST_TOKEN_KEYS, ...env }, (shop, client) =>
      test(shop, client, issuer),
    );
  } finally {
    await issuer.close();
  }
}

const login = (client: Client, body: object) => client.post('/dev/login', body);
const item = { sku: 'tea', quantity: 1 };

describe('POST /v1/guests', () => {
  it('makes a guest of nobody, and writes nothing', () =>
    withShop({}, async ({ stores, config }, client) => {
      const { status, headers, body } = await client.post('/v1/guests');
      expect(status).toBe(201);
      expect(Object.keys(body)).toEqual(['guestId', 'token', 'expiresAt']);
      expect(Date.parse(String(body.expiresAt)) - Date.now()).toBeLessThanOrEqual(config.guestTokenLifetime);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('set-cookie')).toBe(
        `cartage_guest=${String(body['token'])}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`,
      );
      expect(await stores.events.head()).toBe(-1n);
    }));

  it('sets a cookie that stands in for the token', () =>
    withShop({}, async (_, client) => {
      const { headers, body } = await client.post('/v1/guests');
      const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
      const added = await client.post('/v1/carts/main/items', item, { cookie });
      expect([added.status, added.body.id]).toEqual([200, `g~${String(body['guestId'])}~main`]);
    }));

  it('keeps the cookie off plain HTTP in production', () =>
    withIssuer({ NODE_ENV: 'production' }, async (_, client) => {
      const { headers } = await client.post('/v1/guests');
      expect(headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
    }));

  it('makes so many guests a minute for one address', () =>
    withShop({ GUEST_RATE_LIMIT: '2' }, async (_, client) => {
      const statuses = [await client.post('/v1/guests'), await client.post('/v1/guests')];
      expect(statuses.map(({ status }) => status)).toEqual([201, 201]);
      const { status, headers, body } = await client.post('/v1/guests');
      expect([status, body.code]).toEqual([429, 'rate_limited']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await client.get('/health/live')).status).toBe(200);
    }));
});

describe('a page of another origin', () => {
  it('cannot write with the cookie of a guest', () =>
    withShop({}, async ({ stores }, client) => {
      const { headers } = await client.post('/v1/guests');
      const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
      const forms = {
        'application/x-www-form-urlencoded': 'sku=tea&quantity=1',
        'text/plain': '{"sku":"tea","quantity":1}',
        'multipart/form-data; boundary=x': '--x--',
      };
      for (const [type, text] of Object.entries(forms)) {
        const sent = { cookie, 'content-type': type };
        expect((await client.raw('POST', '/v1/carts/main/items', text, sent)).status).toBe(415);
      }
      const asked = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
      const preflight = await client.raw('OPTIONS', '/v1/carts/main/items', undefined, asked);
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
      expect(await stores.events.head()).toBe(-1n);
    }));
});

describe('POST /dev/login', () => {
  it('signs in anybody, at every process of the machine', () =>
    withShop({}, async (shop, client) => {
      const { status, headers, body } = await login(client, { userId: '42' });
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(Date.parse(String(body.expiresAt))).toBeGreaterThan(Date.now());
      const other = await shop.anotherApi();
      const user = new Client(other.url, String(body['token']));
      expect((await user.post('/v1/carts/main/items', item)).body.id).toBe('u~42~main');
      const guest = await newGuest(other.url);
      expect((await guest.at(shop.api.url).get('/v1/carts/main')).body.id).toBe(`${guest.owner}~main`);
    }));

  it('makes a service of whoever asks for a scope', () =>
    withShop({}, async ({ api }, client) => {
      const user = await newUser(api.url);
      const { body } = await login(client, { userId: 'orders', scope: 'carts:read' });
      const reader = new Client(api.url, String(body['token']));
      expect((await reader.get(`/v1/owners/${user.owner}/carts/main`)).status).toBe(200);
      expect((await reader.delete(`/v1/owners/${user.owner}/carts/main`)).status).toBe(403);
    }));

  it('names what is wrong with a request', () =>
    withShop({}, async (_, client) => {
      const fieldsOf = async (body: object) =>
        (await login(client, body)).body.errors?.map(({ field }) => field).toSorted();
      expect(await fieldsOf({})).toEqual(['userId']);
      expect(await fieldsOf({ userId: 42 })).toEqual(['userId']);
      expect(await fieldsOf({ userId: '' })).toEqual(['userId']);
      expect(await fieldsOf({ userId: '42', scope: 'admin', role: 'root' })).toEqual(['role', 'scope']);
      expect((await login(client, { userId: '%'.repeat(64) })).status).toBe(200);
    }));

  it('asks for no token, and minds none', () =>
    withShop({}, async ({ api, stores }) => {
      const issuer = await startIssuer();
      const callers = await everybody(issuer);
      await issuer.close();
      for (const { name, token } of callers) {
        const { status } = await login(new Client(api.url, token), { userId: '42' });
        expect([name, status]).toEqual([name, 200]);
      }
      expect(await stores.events.head()).toBe(-1n);
    }));

  it.each([{}, { NODE_ENV: 'production' }])('is not there beside an issuer %j', (env) =>
    withIssuer(env, async ({ api }, client, issuer) => {
      for (const { token } of await everybody(issuer))
        expect((await login(new Client(api.url, token), { userId: '42' })).status).toBe(404);
      const document = await client.get('/docs-json');
      expect(Object.keys(document.body['paths'] as object)).not.toContain('/dev/login');
    }),
  );

  it('gives tokens that a deployment with an issuer does not believe', () =>
    withShop({}, ({ api: { url } }) =>
      withIssuer({}, async (real) => {
        const user = await newUser(url);
        expect((await user.at(real.api.url).get('/v1/carts')).status).toBe(401);
      }),
    ));
});
