import { once } from 'node:events';
import { connect } from 'node:net';
import {
  listenError,
  type OperatorAnswer,
  type OperatorRoutes,
  type OperatorServer,
  PortInUse,
  serveOperators,
} from './operator-server.ts';

const routes: OperatorRoutes = {
  ready: () => ({ status: 'ok', checks: { position: 12n, lag: 0 } }),
  metrics: async () => 'carts_total 3\n',
};

function double({ pathname, searchParams }: URL): Promise<OperatorAnswer> | undefined {
  const [, n] = /^\/double\/(\d+)$/.exec(pathname) ?? [];
  return n === undefined
    ? undefined
    : Promise.resolve({ status: 200, body: { is: Number(n) * Number(searchParams.get('by')) } });
}

/** Runs the case with a server on a free port. */
async function serving(
  body: (server: OperatorServer) => Promise<void>,
  changed: Partial<OperatorRoutes> = {},
): Promise<void> {
  const server = await serveOperators('127.0.0.1', 0, { ...routes, ...changed });
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

async function get(url: string): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(url);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const json = (status: number, body: object) => ({
  status,
  type: 'application/json',
  text: `${JSON.stringify(body)}\n`,
});
const down = (): never => {
  throw new Error('The store is away.');
};

it('is live as long as it answers, ready or not', () =>
  serving(
    async ({ url }) => {
      expect(await get(`${url}/health/live`)).toEqual(json(200, { status: 'ok' }));
    },
    { ready: down },
  ));

it('says that it is ready, and how it is; positions in decimal digits', () =>
  serving(async ({ url }) => {
    const answer = json(200, { status: 'ok', position: '12', lag: 0 });
    expect(await get(`${url}/health/ready`)).toEqual(answer);
    expect(await get(`${url}/health/ready?verbose`)).toEqual(answer);
  }));

it('answers 503 while it is not ready', () =>
  serving(
    async ({ url }) => {
      expect(await get(`${url}/health/ready`)).toEqual(json(503, { status: 'unready', lag: 9000 }));
    },
    { ready: async () => ({ status: 'unready', checks: { lag: 9000 } }) },
  ));

it('is ready while it is degraded, and says that it is', () =>
  serving(
    async ({ url }) => {
      expect(await get(`${url}/health/ready`)).toEqual(json(200, { status: 'degraded', store: 'away' }));
    },
    { ready: () => ({ status: 'degraded', checks: { store: 'away' } }) },
  ));

it('answers routes of its own, and names them to those who ask for what it has not', () =>
  serving(
    async ({ url }) => {
      expect(await get(`${url}/double/2?by=3`)).toEqual(json(200, { is: 6 }));
      expect(await get(`${url}/half/2`)).toEqual(
        json(404, {
          status: 'not found',
          routes: ['/health/live', '/health/ready', '/metrics', '/double/{n}?by='],
        }),
      );
    },
    { more: [{ path: '/double/{n}?by=', answer: double }] },
  ));

it('gives the metrics as Prometheus reads them', () =>
  serving(async ({ url }) => {
    expect(await get(`${url}/metrics`)).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      text: 'carts_total 3\n',
    });
  }));

it.each([
  ['/health/ready', { ready: down }],
  ['/metrics', { metrics: async () => down() }],
] as const)('answers 500 with the reason when %s fails, and goes on', (path, failing) =>
  serving(async ({ url }) => {
    expect(await get(`${url}${path}`)).toEqual(json(500, { status: 'error', reason: 'The store is away.' }));
    expect((await get(`${url}/health/live`)).status).toBe(200);
  }, failing),
);

it.each(['/', '/health', '/metrics/', '//metrics', '/%'])('knows no %s, and says what it knows', (path) =>
  serving(async ({ url }) => {
    expect(await get(`${url}${path}`)).toEqual(
      json(404, { status: 'not found', routes: ['/health/live', '/health/ready', '/metrics'] }),
    );
  }),
);

it('closes although a client keeps its connection open', async () => {
  let address = '';
  let closed = Promise.resolve();
  await serving(async ({ url }) => {
    address = url;
    const idle = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    await once(idle, 'connect');
    closed = once(idle.resume(), 'close').then(() => undefined);
  });
  await closed;
  await expect(fetch(address)).rejects.toThrow('fetch failed');
});

it('says that the port is in use, and what to do', () =>
  serving(async ({ url }) => {
    const port = Number(new URL(url).port);
    const second = serveOperators('127.0.0.1', port, routes);
    await expect(second).rejects.toThrow(PortInUse);
    await expect(second).rejects.toMatchObject({
      code: 'port_in_use',
      message: `Port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another port.`,
    });
  }));

describe('an error of listen', () => {
  const systemError = (code: string): Error => Object.assign(new Error(code), { code });

  it('of permission says which ports may be had', () => {
    expect(listenError(systemError('EACCES'), '0.0.0.0', 80)).toMatchObject({
      code: 'port_in_use',
      message: 'Port 80 on 0.0.0.0 may not be used by this account: choose one from 1024 on.',
    });
  });

  it.each([systemError('EADDRNOTAVAIL'), new Error('no code'), 'no error'])(
    'stays what it is: %s',
    (error) => {
      expect(listenError(error, '127.0.0.1', 3000)).toBe(error);
    },
  );
});
