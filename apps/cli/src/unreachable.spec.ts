import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { cartage, inFolder, slow } from './testing/system.ts';

const listening = (open: () => Server) => async (): Promise<{ port: number; close: () => void }> => {
  const server = open();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
};

/** Fails every gRPC call as EventStoreDB does that does not know the user. */
const denying = () =>
  createHttp2Server().on('stream', (stream) => {
    const failure = { 'grpc-status': '7', 'grpc-message': 'Access Denied', exception: 'access-denied' };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...failure }, { endStream: true });
  });

test.each([
  [
    'nothing listens',
    async () => ({ port: 1, close: () => undefined }),
    'tls=false',
    'nothing listens there',
  ],
  ['a web server listens', listening(createHttpServer), 'tls=false', 'is a server of another kind'],
  [
    'TLS is spoken and was not expected',
    listening(() => createTlsServer().on('tlsClientError', () => undefined)),
    'tls=false',
    'it expects TLS (tls=true)',
  ],
  ['TLS was expected and is not spoken', listening(denying), 'tls=true', 'does not speak TLS'],
  ['the user is not known', listening(denying), 'tls=false', 'refuses these credentials'],
] as const)(
  'where %s, a command that needs the event store says so in one line and fails',
  (_, open, query, message) =>
    inFolder(async (folder) => {
      const { port, close } = await open();
      const EVENT_STORE = `esdb://user:sesame@localhost:${port}?${query}`;
      const { code, stdout, stderr } = await cartage(folder, ['retention', '--dry-run'], { EVENT_STORE });
      close();
      expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({
        code: 1,
        stdout: '',
        lines: 1,
      });
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('sesame');
    }),
  slow,
);
