import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `degraded`: it does its work, but a part of what it uses is out of order. */
export type Readiness = {
  readonly status: 'ok' | 'degraded' | 'unready';
  readonly checks: Readonly<Record<string, unknown>>;
};

export type OperatorServer = { readonly url: string; close(): Promise<void> };

export type OperatorRoutes = {
  readonly ready: () => Promise<Readiness> | Readiness;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** What only this process is asked. */
  readonly more?: readonly OperatorRoute[];
};

export type OperatorRoute = {
  /** As those are told who ask for a path that nobody answers. */
  readonly path: string;
  /** Undefined: the path is not this route's. */
  readonly answer: (asked: URL) => Promise<OperatorAnswer> | undefined;
};

export type OperatorAnswer = { readonly status: number; readonly body: object };

/**
 * What operators and orchestrators ask of a process: `/health/live`, `/health/ready` (503 when it is not; 200 also
 * while it is degraded), `/metrics`, and routes of its own.
 *
 * @throws {PortInUse}
 */
export async function serveOperators(
  host: string,
  port: number,
  routes: OperatorRoutes,
): Promise<OperatorServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response, routes).catch((error: unknown) => {
      reply(response, 500, {
        status: 'error',
        reason: error instanceof Error ? error.message : String(error),
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, response: ServerResponse, routes: OperatorRoutes): Promise<void> {
  switch (url.replace(/\?.*$/s, '')) {
    case '/health/live':
      return reply(response, 200, { status: 'ok' });
    case '/health/ready': {
      const { status, checks } = await routes.ready();
      return reply(response, status === 'unready' ? 503 : 200, { status, ...checks });
    }
    case '/metrics': {
      const text = await routes.metrics();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
      return;
    }
    default:
      return answerMore(url, response, routes.more ?? []);
  }
}

async function answerMore(
  url: string,
  response: ServerResponse,
  more: readonly OperatorRoute[],
): Promise<void> {
  // Joined, not resolved: `//host` would name another host.
  const href = `http://operators${url}`;
  const answers = URL.canParse(href) ? more.map((route) => route.answer(new URL(href))) : [];
  const found = await answers.find((one) => one !== undefined);
  if (found) return reply(response, found.status, found.body);
  const paths = ['/health/live', '/health/ready', '/metrics', ...more.map(({ path }) => path)];
  return reply(response, 404, { status: 'not found', routes: paths });
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${text}\n`);
}

/** Somebody else listens where this process was told to. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  readonly code = 'port_in_use';
}

/** An error of `listen` as one that says what to do. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new PortInUse(
      `Port ${port} on ${host} is in use: stop what listens there, or choose another port.`,
    );
  if (code === 'EACCES')
    return new PortInUse(`Port ${port} on ${host} may not be used by this account: choose one from 1024 on.`);
  return error;
}
