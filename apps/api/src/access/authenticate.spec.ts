import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@cartage/runtime';
import fastify, { type FastifyRequest } from 'fastify';
import { sendProblem } from '../problems.ts';
import { type Access, openAccess } from './access.ts';
import { authenticate } from './authenticate.ts';
import { customerOf, ownerOf, requireScope } from './principal.ts';
import { startIssuer, tampered } from './issuer.fixture.ts';

type Shop = { readonly url: string; readonly access: Access };

/** An app whose routes say whom they take the caller for. */
async function withShop(env: Record<string, string>, test: (shop: Shop) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-access-'));
  const access = await openAccess(readConfig({ DEV_KEYS: join(folder, 'keys.json'), ...env }));
  const app = fastify();
  app.setErrorHandler((error, _request, reply) => void sendProblem(reply, error));
  authenticate(app, access);
  app.get('/open', (request) => request.principal.kind);
  app.get('/own', (request) => ownerOf(request));
  app.get('/customer', (request) => customerOf(request));
  app.get('/service', (request: FastifyRequest) => {
    requireScope(request, 'carts:write');
    return 'a service';
  });
  try {
    await test({ access, url: await app.listen({ port: 0, host: '127.0.0.1' }) });
  } finally {
    await app.close();
    await rm(folder, { recursive: true });
  }
}

const get = (url: string, headers: Record<string, string> = {}): Promise<Response> => fetch(url, { headers });
const bearing = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
const devToken = async ({ dev }: Access, name: string, scope?: string): Promise<string> =>
  (await dev?.signIn(name, scope))?.token ?? '';

async function answer(response: Promise<Response>): Promise<readonly unknown[]> {
  const { status, headers } = await response;
  return [status, headers.get('www-authenticate')];
}

describe('authentication', () => {
  it('knows guests, users and services by their token', () =>
    withShop({}, async ({ url, access }) => {
      const { guestId, token } = access.guests.issue();
      const user = await devToken(access, '42');
      const text = async (path: string, held: string) => (await get(url + path, bearing(held))).text();
      expect(await text('/own', token)).toBe(`g~${guestId}`);
      expect(await text('/own', user)).toBe('u~42');
      expect(await text('/own', user)).toBe('u~42');
      expect(await text('/customer', user)).toBe('u~42');
      expect(await text('/service', await devToken(access, 'orders', 'carts:write'))).toBe('a service');
    }));

  it('asks for a token where one is needed, without blaming one that was not there', () =>
    withShop({}, async ({ url }) => {
      for (const path of ['/own', '/customer', '/service'])
        expect(await answer(get(url + path))).toEqual([401, 'Bearer realm="cartage"']);
      const basic = get(`${url}/own`, { authorization: 'Basic YTpi' });
      expect(await answer(basic)).toEqual([401, 'Bearer realm="cartage"']);
    }));

  it('gives one answer to every bad token', () =>
    withShop({}, async ({ url, access }) => {
      const { token } = access.guests.issue();
      const bad = [
        tampered(token),
        access.guests.issue(0).token,
        token.replace('v1.dev', 'v1.old'),
        tampered(await devToken(access, '42')),
        'nonsense',
        'a b',
      ];
      const bodies = new Set<string>();
      for (const held of bad) {
        const response = await get(`${url}/own`, bearing(held));
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe(
          'Bearer realm="cartage", error="invalid_token"',
        );
        bodies.add(await response.text());
      }
      expect(bodies.size).toBe(1);
    }));

  it('lets a bad token do no harm where none is needed', () =>
    withShop({}, async ({ url }) => {
      for (const held of ['nonsense', 'v1.nonsense', 'a.b.c']) {
        const response = await get(`${url}/open`, bearing(held));
        expect([response.status, await response.text()]).toEqual([200, 'anonymous']);
      }
    }));

  it('keeps kinds of callers apart', () =>
    withShop({}, async ({ url, access }) => {
      const { token: guest } = access.guests.issue();
      const [user, reader] = [await devToken(access, '42'), await devToken(access, 'orders', 'carts:read')];
      expect(await answer(get(`${url}/own`, bearing(reader)))).toEqual([403, null]);
      expect(await answer(get(`${url}/customer`, bearing(guest)))).toEqual([403, null]);
      expect(await answer(get(`${url}/customer`, bearing(reader)))).toEqual([403, null]);
      expect(await answer(get(`${url}/service`, bearing(guest)))).toEqual([403, null]);
      expect(await answer(get(`${url}/service`, bearing(user)))).toEqual([403, null]);
      expect(await answer(get(`${url}/service`, bearing(reader)))).toEqual([
        403,
        'Bearer realm="cartage", error="insufficient_scope", scope="carts:write"',
      ]);
    }));

  it('takes the cookie of a guest, of nobody else, and only without a header', () =>
    withShop({}, async ({ url, access }) => {
      const { guestId, token } = access.guests.issue();
      const cookie = `theme=dark; cartage_guest=${token}; lang=de`;
      const user = await devToken(access, '42');
      expect(await (await get(`${url}/own`, { cookie })).text()).toBe(`g~${guestId}`);
      expect(await (await get(`${url}/own`, { cookie, ...bearing(user) })).text()).toBe('u~42');
      expect((await get(`${url}/own`, { cookie, ...bearing('nonsense') })).status).toBe(401);
      expect((await get(`${url}/own`, { cookie, authorization: 'Basic YTpi' })).status).toBe(401);
      expect((await get(`${url}/own`, { cookie: `cartage_guest=${user}` })).status).toBe(401);
      expect((await get(`${url}/own`, { cookie: `not_cartage_guest=${token}` })).status).toBe(401);
    }));

  it('blames itself, not the token, while the issuer is silent', async () => {
    const issuer = await startIssuer();
    const { url: JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE } = issuer.jwks;
    await withShop({ JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }, async ({ url, access }) => {
      expect(access.dev).toBeUndefined();
      const token = await issuer.sign({ sub: '42' });
      await issuer.close();
      const response = await get(`${url}/own`, bearing(token));
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await response.json()).toMatchObject({ code: 'issuer_unavailable' });
      expect((await get(`${url}/own`, bearing(access.guests.issue().token))).status).toBe(200);
    });
  });
});
