import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from './client.ts';
import { Random } from './random.ts';

async function against(answer: RequestListener, use: (client: Client) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  try {
    await use(new Client([`http://127.0.0.1:${(server.address() as AddressInfo).port}`], new Random(1)));
  } finally {
    server.closeAllConnections();
    await new Promise((down) => server.close(down));
  }
}

it('repeats what was cut off or answered with 503, under the same key', async () => {
  const keys: unknown[] = [];
  const answer: RequestListener = (request, response) => {
    keys.push(request.headers['idempotency-key']);
    if (keys.length === 1) request.socket.destroy();
    else response.writeHead(keys.length === 2 ? 503 : 200, { 'idempotent-replayed': 'true' }).end('{}');
  };
  await against(answer, async (client) => {
    const sent = await client.send({ method: 'POST', path: '/x', body: {}, key: 'k' });
    expect(sent).toEqual({ status: 200, body: {}, replayed: true });
    expect(client.retries).toBe(2);
  });
  expect(keys).toEqual(['k', 'k', 'k']);
});

it('takes every other answer for final', async () => {
  const answer: RequestListener = (_, response) => response.writeHead(409).end('{"code":"cart_frozen"}');
  await against(answer, async (client) => {
    expect(await client.send({ method: 'GET', path: '/x' })).toMatchObject({
      status: 409,
      body: { code: 'cart_frozen' },
    });
    expect(client.retries).toBe(0);
  });
});
