import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Relay } from './relay.ts';

/**
 * What becomes of the bytes of a connection. `pass`: nothing happens to them. `delay`: each way takes `ms` longer. `drop`: the
 * connection is reset. `swallow`: the server gets the request; what it answers is lost, and the connection is cut.
 * `blackHole`: both sides stay connected and hear nothing; what was sent arrives when the fault is over.
 */
export type Fault =
  | { readonly kind: 'pass' | 'drop' | 'swallow' | 'blackHole' }
  | { readonly kind: 'delay'; readonly ms: number };

const pass: Fault = { kind: 'pass' };

export type FaultProxyOptions = {
  /** Hears of each new connection, before any byte of it: the place to give it a fault of its own. */
  readonly onConnection?: (connection: Connection) => void;
  /** Sees what clients send, once it was handed on. */
  readonly onSent?: (bytes: Buffer) => void;
};

/** A connection through the proxy, which has the proxy's fault unless it was given its own. */
export class Connection {
  readonly #sockets: readonly [client: Socket, server: Socket];
  readonly #relays: readonly Relay[];
  readonly #common: () => Fault;
  #own: Fault | undefined;

  constructor(client: Socket, server: Socket, common: () => Fault, onSent: (bytes: Buffer) => void) {
    this.#sockets = [client, server];
    this.#common = common;
    const faultOf = (): Fault => this.fault;
    const lose = (): boolean => {
      if (this.fault.kind !== 'swallow') return false;
      this.reset();
      return true;
    };
    this.#relays = [
      new Relay(client, server, faultOf, { onPassed: onSent }),
      new Relay(server, client, faultOf, { lose }),
    ];
    for (const socket of this.#sockets) {
      socket.on('error', () => this.reset());
      socket.on('close', (hadError) => hadError && this.reset());
    }
  }

  get fault(): Fault {
    return this.#own ?? this.#common();
  }

  /** `undefined` gives it back to the proxy's. Takes effect at once, also on bytes that are held. */
  set fault(fault: Fault | undefined) {
    this.#own = fault;
    this.apply();
  }

  /** To be called when the fault may have become another. */
  apply(): void {
    if (this.fault.kind === 'drop') this.reset();
    else for (const relay of this.#relays) relay.pump();
  }

  /** Breaks it off on both sides. */
  reset(): void {
    for (const socket of this.#sockets) if (!socket.destroyed) socket.resetAndDestroy();
  }
}

/** A TCP proxy on the loopback between clients and a server, which does to their connections what networks do. */
export class FaultProxy {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #fault = pass;

  private constructor(host: string, port: number, { onConnection, onSent }: FaultProxyOptions) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const upstream = connect({ host, port, allowHalfOpen: true });
      const connection = new Connection(client, upstream, () => this.#fault, onSent ?? (() => undefined));
      this.#connections.add(connection);
      client.on('close', () => this.#connections.delete(connection));
      onConnection?.(connection);
      connection.apply();
    });
  }

  /** `target`: a URL that names host and port. The proxy passes everything until it is told otherwise. */
  static async open(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const { hostname, port } = new URL(target);
    const proxy = new FaultProxy(hostname.replace(/^\[|\]$/g, ''), Number(port), options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get fault(): Fault {
    return this.#fault;
  }

  /** Of all connections that have none of their own, those that are open too. */
  set fault(fault: Fault) {
    this.#fault = fault;
    for (const connection of this.#connections) connection.apply();
  }

  /** The open connections, oldest first. */
  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  /** Resets what is open, and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections) connection.reset();
    await closed;
  }
}
