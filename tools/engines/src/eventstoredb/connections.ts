import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as TcpServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';

/** The sockets of a gRPC server, kept in hand so that they can be reset. */
export class Connections {
  readonly #listener: TcpServer;
  readonly #sockets: Set<Socket>;

  private constructor(listener: TcpServer, sockets: Set<Socket>) {
    this.#listener = listener;
    this.#sockets = sockets;
  }

  /** Listens on 127.0.0.1; port 0 lets the system choose. @throws {Error} the port is taken */
  static async accept(server: Server, port: number): Promise<Connections> {
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    const sockets = new Set<Socket>();
    const listener = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // A peer that vanished is no trouble of the server.
      socket.on('error', () => undefined);
      injector.injectConnection(socket);
    });
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    return new Connections(listener, sockets);
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#listener.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Resets all of them and answers how many there were. */
  reset(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return count;
  }

  async close(): Promise<void> {
    this.#listener.close();
    this.reset();
    await once(this.#listener, 'close');
  }
}
