import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before an API and does the first addition to a cart twice: a system that is wrong in one unit. */
export async function withRepeatingProxy(api: string, use: (url: string) => Promise<void>): Promise<void> {
  let repeated = false;
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const isAddition = request.method === 'POST' && request.url === '/v1/carts/main/items';
      if (isAddition && !repeated) {
        repeated = true;
        await forward(api, request, body, randomUUID());
      }
      const answer = await forward(api, request, body, request.headers['idempotency-key']);
      response.writeHead(answer.status).end(await answer.text());
    })();
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((down) => server.close(down));
  }
}

function forward(
  api: string,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: string,
  key: string | string[] | undefined,
): Promise<Response> {
  const { authorization } = headers;
  return fetch(`${api}${url}`, {
    method,
    headers: {
      ...(authorization && { authorization }),
      ...(body && { 'content-type': 'application/json' }),
      ...(typeof key === 'string' && { 'idempotency-key': key }),
    },
    ...(body && { body }),
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
