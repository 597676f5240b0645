import { once } from 'node:events';
import { connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { type Caller } from '../access/principal.ts';
import { sendProblem } from '../problems.ts';
import { limitInFlight } from './in-flight.ts';
import { limitRates } from './rate-limit.ts';

async function withApp(
  set: (app: FastifyInstance) => unknown,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const app = fastify({ trustProxy: true, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => void sendProblem(reply, error));
  await set(app);
  for (const path of ['/carts', '/health/live', '/metrics']) app.get(path, () => 'fine');
  app.post('/v1/guests', () => 'made');
  try {
    await test(await app.listen({ port: 0, host: '127.0.0.1' }));
  } finally {
    await app.close();
  }
}

type Spend = { readonly method?: string; readonly as?: Caller; readonly from?: string };

/** The caller of a test stands in a header. */
const limitedTo = (requests: number, guests: number) => (app: FastifyInstance) => {
  app.decorateRequest('principal');
  app.addHook('onRequest', (request, _reply, done) => {
    request.principal = JSON.parse(String(request.headers['x-as'])) as Caller;
    done();
  });
  return limitRates(app, { requests, guests });
};

const spend = async (url: string, { method = 'GET', as, from = '203.0.113.1' }: Spend): Promise<number> => {
  const principal: Caller = as ?? { kind: 'anonymous', reason: 'missing' };
  const headers = { 'x-as': JSON.stringify(principal), 'x-forwarded-for': from };
  return (await fetch(url, { method, headers })).status;
};

const user = (name: string): Caller => ({ kind: 'user', owner: `u~${name}` });

describe('the rate limit', () => {
  it('tells a caller beyond it when to come back', () =>
    withApp(limitedTo(2, 9), async (url) => {
      const headers = { 'x-as': JSON.stringify(user('a')) };
      const statuses = [];
      for (let i = 0; i < 2; i += 1) statuses.push((await fetch(`${url}/carts`, { headers })).status);
      const refused = await fetch(`${url}/carts`, { headers });
      expect([...statuses, refused.status]).toEqual([200, 200, 429]);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    }));

  it('counts each guest and each user for themselves, wherever they call from', () =>
    withApp(limitedTo(1, 9), async (url) => {
      expect(await spend(`${url}/carts`, { as: user('a') })).toBe(200);
      expect(await spend(`${url}/carts`, { as: user('b') })).toBe(200);
      expect(await spend(`${url}/carts`, { as: { kind: 'guest', owner: 'g~a' } })).toBe(200);
      expect(await spend(`${url}/carts`, { as: user('a'), from: '203.0.113.2' })).toBe(429);
    }));

  it('counts whoever is not authenticated by address, and an IPv6 address by its network', () =>
    withApp(limitedTo(1, 9), async (url) => {
      expect(await spend(`${url}/carts`, { from: '203.0.113.1' })).toBe(200);
      expect(await spend(`${url}/carts`, { from: '203.0.113.2' })).toBe(200);
      expect(await spend(`${url}/carts`, { from: '203.0.113.1' })).toBe(429);
      expect(await spend(`${url}/nowhere`, { from: '203.0.113.1' })).toBe(429);
      expect(await spend(`${url}/carts`, { from: '2001:db8::1' })).toBe(200);
      expect(await spend(`${url}/carts`, { from: '2001:db8::ffff' })).toBe(429);
      expect(await spend(`${url}/carts`, { from: '2001:db8:0:1::1' })).toBe(200);
    }));

  it('leaves services and probes alone', () =>
    withApp(limitedTo(1, 9), async (url) => {
      const as: Caller = { kind: 'service', subject: 'orders', scopes: new Set() };
      for (let i = 0; i < 3; i += 1) {
        expect(await spend(`${url}/carts`, { as })).toBe(200);
        expect(await spend(`${url}/health/live`, {})).toBe(200);
        expect(await spend(`${url}/metrics`, {})).toBe(200);
      }
    }));

  it('bounds the guests one address makes, however it spells the path', () =>
    withApp(limitedTo(9, 1), async (url) => {
      const method = 'POST';
      expect(await spend(`${url}/v1/guests`, { method })).toBe(200);
      expect(await spend(`${url}/v1/guests`, { method })).toBe(429);
      expect(await spend(`${url}/v1/g%75ests?x=1`, { method })).toBe(429);
      expect(await spend(`${url}/v1/guests`, { method, as: user('a') })).toBe(429);
      expect(await spend(`${url}/v1/guests`, { method, from: '203.0.113.2' })).toBe(200);
      expect(await spend(`${url}/carts`, {})).toBe(200);
    }));
});

describe('the bound on requests in flight', () => {
  /** An app that takes one request at a time; `/slow` is answered when the test says so. */
  async function withSlowApp(
    test: (url: string, slow: { started(): Promise<void>; finish(): void; count(): number }) => Promise<void>,
  ): Promise<void> {
    const gate = new EventTarget();
    let count = (): number => 0;
    const set = (app: FastifyInstance): void => {
      count = limitInFlight(app, 1);
      app.get('/slow', async () => {
        const finished = once(gate, 'finish');
        gate.dispatchEvent(new Event('started'));
        await finished;
        return 'done';
      });
    };
    await withApp(set, (url) =>
      test(url, {
        started: async () => void (await once(gate, 'started')),
        finish: () => void gate.dispatchEvent(new Event('finish')),
        count: () => count(),
      }),
    );
  }

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('turns away what is too much, but never a probe', () =>
    withSlowApp(async (url, slow) => {
      const started = slow.started();
      const first = fetch(`${url}/slow`);
      await started;
      const refused = await fetch(`${url}/carts`);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await refused.json()).toMatchObject({ code: 'overloaded' });
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      slow.finish();
      expect(await (await first).text()).toBe('done');
      await until(() => slow.count() === 0);
      expect((await fetch(`${url}/carts`)).status).toBe(200);
    }));

  it('forgets a request whose client has gone', () =>
    withSlowApp(async (url, slow) => {
      const started = slow.started();
      const client = connect(Number(new URL(url).port), '127.0.0.1');
      client.write('GET /slow HTTP/1.1\r\nhost: shop\r\n\r\n');
      await started;
      expect(slow.count()).toBe(1);
      client.destroy();
      await until(() => slow.count() === 0);
      expect((await fetch(`${url}/carts`)).status).toBe(200);
      slow.finish();
    }));
});
