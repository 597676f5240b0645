import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const headerLength = 9;
const opcodes = { error: 0x00, execute: 0x0a } as const;

/**
 * A way to a node on which statements can be refused as a node does that has too much to do (an ERROR of code 0x1001, CQL
 * binary protocol 4, section 9). Everything else passes.
 */
export class OverloadedNode {
  /** How many of the statements to come are refused. */
  refuse = 0;
  readonly #server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => {
      const node = connect({ host, port });
      for (const socket of [client, node]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => this.#end([client, node]));
      }
      node.pipe(client);
      void this.#pass(client, node).catch(() => this.#end([client, node]));
    });
  }

  static async before(host: string, port: number): Promise<OverloadedNode> {
    const node = new OverloadedNode(host, port);
    await once(node.#server.listen(0, '127.0.0.1'), 'listening');
    return node;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#end([...this.#sockets]);
  }

  #end(sockets: readonly Socket[]): void {
    for (const socket of sockets) {
      this.#sockets.delete(socket);
      socket.destroy();
    }
  }

  async #pass(client: Socket, node: Socket): Promise<void> {
    let bytes = Buffer.alloc(0);
    for await (const chunk of client) {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= headerLength && bytes.length >= headerLength + bytes.readInt32BE(5)) {
        const length = headerLength + bytes.readInt32BE(5);
        const [frame, rest] = [bytes.subarray(0, length), bytes.subarray(length)];
        bytes = rest;
        if (this.refuse === 0 || frame[4] !== opcodes.execute) node.write(frame);
        else client.write(this.#refusalOf(frame));
      }
    }
  }

  #refusalOf(request: Buffer): Buffer {
    this.refuse -= 1;
    const reason = Buffer.from('Request breached global limit of in-flight bytes');
    const body = Buffer.concat([Buffer.from([0, 0, 0x10, 0x01, 0, reason.length]), reason]);
    const header = Buffer.from([
      0x84,
      0,
      request[2] ?? 0,
      request[3] ?? 0,
      opcodes.error,
      0,
      0,
      0,
      body.length,
    ]);
    return Buffer.concat([header, body]);
  }
}
