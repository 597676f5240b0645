import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { startEventStoreDbFacade } from '@cartage/engines';
import { AccessDeniedError } from '@eventstore/db-client';
import { toStoreError } from './errors.ts';
import { EventStoreDbEventStore } from './index.ts';

/** What opening it says, with an open server's port in the URL. */
async function refusalBy(server: Server, query = '?tls=false'): Promise<unknown> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await refusalOf(`esdb://user:sesame@127.0.0.1:${port}${query}`);
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

async function refusalOf(url: string): Promise<unknown> {
  const refusal: unknown = await EventStoreDbEventStore.open(url).then(
    (store) => store.close(),
    (error: unknown) => error,
  );
  expect(String(refusal)).not.toContain('sesame');
  expect(refusal).toMatchObject({ code: 'unavailable' });
  return refusal instanceof Error ? refusal.message : refusal;
}

describe('opening says in one line that', () => {
  it('nothing listens there', async () => {
    const facade = await startEventStoreDbFacade();
    const { url } = facade;
    await facade.close();
    expect(await refusalOf(url)).toContain('nothing listens there');
  });

  it('there is no such host', async () => {
    expect(await refusalOf('esdb://nowhere.invalid?tls=false')).toContain('no such host');
  });

  it('the server speaks HTTP only', async () => {
    expect(await refusalBy(createHttpServer())).toMatch(/another kind/);
  });

  it('the server speaks gRPC’s protocol, but is another', async () => {
    const server = createHttp2Server((_, response) => response.writeHead(404).end());
    expect(await refusalBy(server)).toMatch(/another kind/);
  });

  it('the server never says a word', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    expect(await refusalBy(server)).toMatch(/did not answer/);
  }, 15_000);

  it('the server does not speak TLS', async () => {
    const facade = await startEventStoreDbFacade();
    expect(await refusalOf(`esdb://127.0.0.1:${facade.port}`)).toContain('tls=false');
    await facade.close();
  });

  it('the server speaks TLS', async () => {
    const server = createTlsServer().on('tlsClientError', () => undefined);
    expect(await refusalBy(server)).toContain('tls=true');
  });

  it('a certificate file is missing', async () => {
    expect(await refusalOf('esdb://h?tlsCaFile=/no/such/ca.pem')).toContain('/no/such/ca.pem');
  });

  it('the server refuses the credentials', () => {
    const refused = toStoreError(new AccessDeniedError(), 'EventStoreDB at h:1');
    expect(refused).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('EVENT_STORE_USERNAME'),
    });
  });
});
