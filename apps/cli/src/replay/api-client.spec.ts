import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from './api-client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Runs a client against one server per handler, whatever they do to its requests. */
async function against(handlers: Handler[], use: (client: ApiClient, latencies: number[]) => Promise<void>) {
  const servers = handlers.map((handler) => createServer(handler));
  await Promise.all(servers.map((server) => new Promise<void>((up) => server.listen(0, '127.0.0.1', up))));
  const urls = servers.map((server) => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const latencies: number[] = [];
  const client = new ApiClient(urls, 2, (microseconds) => latencies.push(microseconds));
  try {
    await use(client, latencies);
  } finally {
    client.close();
    for (const server of servers) server.closeAllConnections();
    await Promise.all(servers.map((server) => new Promise((down) => server.close(down))));
  }
}

const reply = (response: ServerResponse, status: number, body: object, headers = {}): void => {
  response.writeHead(status, headers).end(JSON.stringify(body));
};
const command = { method: 'POST', path: '/v1/carts/main/items', body: { sku: 'MUG' }, token: 't' } as const;

test('sends the token and the body, and answers with the status and the body', async () => {
  const seen: unknown[] = [];
  const handler: Handler = (request, response) => {
    const { method, url, headers } = request;
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push([method, url, headers.authorization, headers['content-type'], body]);
      reply(response, 409, { code: 'cart_frozen' });
    });
  };
  await against([handler], async (client, latencies) => {
    expect(await client.send(command, 0)).toMatchObject({ status: 409, body: { code: 'cart_frozen' } });
    expect(latencies).toHaveLength(1);
  });
  expect(seen).toEqual([['POST', '/v1/carts/main/items', 'Bearer t', 'application/json', '{"sku":"MUG"}']]);
});

test('repeats what was turned away or cut off, under the same key', async () => {
  const keys: unknown[] = [];
  const handler: Handler = (request, response) => {
    keys.push(request.headers['idempotency-key']);
    if (keys.length === 1) reply(response, 503, {}, { 'retry-after': '0' });
    else if (keys.length === 2) request.socket.destroy();
    else if (keys.length === 3) reply(response, 429, {});
    else reply(response, 200, { done: true });
  };
  await against([handler], async (client) => {
    expect(await client.send(command, 0)).toMatchObject({ status: 200, body: { done: true } });
    expect(client.retries).toBe(3);
  });
  expect(keys).toHaveLength(4);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[\x21-\x7e]{1,64}$/);
});

test('every command has a key of its own, reading has none', async () => {
  const keys: unknown[] = [];
  const handler: Handler = (request, response) => {
    keys.push(request.headers['idempotency-key']);
    reply(response, 200, {});
  };
  await against([handler], async (client) => {
    await client.send(command, 0);
    await client.send(command, 1);
    await client.send({ method: 'GET', path: '/v1/carts/main' }, 2);
  });
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBeUndefined();
});

test('the turn picks the process, and a retry goes to the next', async () => {
  const seen: string[] = [];
  const served =
    (name: string, status: number): Handler =>
    (_, response) => {
      seen.push(name);
      reply(response, status, {});
    };
  await against([served('a', 503), served('b', 200)], async (client) => {
    for (const turn of [0, 1, 2]) await client.send(command, turn);
  });
  expect(seen).toEqual(['a', 'b', 'b', 'a', 'b']);
});
