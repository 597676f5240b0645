import { connect, type Socket } from 'node:net';
import { ResponseParser } from './response-parser.ts';

/** What becomes of the requests of a connection. */
export type Answers = {
  readonly answered: (connection: Connection, status: number, bytes: number) => void;
  /** The connection is gone before it was closed: nothing more will be answered. */
  readonly lost: (error: Error) => void;
};

/**
 * A keep-alive connection with at most one request under way. Node's own clients cost as much per request as the bare server
 * they would measure and share two cores with it; finished bytes on a socket cost a fifth of that.
 */
export class Connection {
  readonly #socket: Socket;
  #closed = false;

  private constructor(port: number, answers: Answers) {
    const parser = new ResponseParser((status, bytes) => answers.answered(this, status, bytes));
    const buffer = Buffer.allocUnsafeSlow(64 * 1024);
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          try {
            parser.push(buffer.subarray(0, length));
          } catch (error) {
            this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
          }
          return true;
        },
      },
    });
    let reason = new Error('The server closed a connection.');
    this.#socket.once('error', (error) => (reason = error));
    this.#socket.once('close', () => {
      if (!this.#closed) answers.lost(reason);
    });
  }

  /** @throws the server cannot be reached on this port of the loopback */
  static async open(port: number, answers: Answers): Promise<Connection> {
    const connection = new Connection(port, answers);
    await new Promise<void>((resolve, reject) => {
      connection.#socket.once('connect', resolve);
      connection.#socket.once('error', reject);
    });
    return connection;
  }

  send(request: Buffer): void {
    this.#socket.write(request);
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}

/**
 * Opens connections, hands them to `use`, and closes them when its promise ends.
 *
 * @throws {Error} one of them could not be opened, or was lost while in use
 */
export async function withConnections<T>(
  { port, count }: { readonly port: number; readonly count: number },
  answered: Answers['answered'],
  use: (connections: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const connections: Connection[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      const open = async () => {
        while (connections.length < count)
          connections.push(await Connection.open(port, { answered, lost: reject }));
        return await use(connections);
      };
      open().then(resolve, reject);
    });
  } finally {
    for (const connection of connections) connection.close();
  }
}
