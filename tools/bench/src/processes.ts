import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const drainLimit = 5_000;
const startLimit = 30_000;

export type Program = {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** A process this one started. It ends with the IPC channel, should this one vanish. */
export class Started {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<string>;
  #lastWords = '';

  constructor({ name, script, args = [], env = {} }: Program) {
    this.name = name;
    this.#child = fork(script, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on(
      'data',
      (text: Buffer) => (this.#lastWords = `${this.#lastWords}${text.toString()}`.slice(-2_000)),
    );
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Sends a message and resolves to the next one that comes back.
   *
   * @throws {Error} the process ended
   */
  async ask<Reply>(message: object): Promise<Reply> {
    return await this.whileRunning(
      new Promise<Reply>((resolve, reject) => {
        this.#child.once('message', (reply) => resolve(reply as Reply));
        this.#child.send(message, (error) => error && reject(error));
      }),
    );
  }

  /** @throws {Error} with the process's last words when it ends before `work` does */
  async whileRunning<T>(work: Promise<T>): Promise<T> {
    const died = this.#gone.then((how) => {
      throw new Error(`${this.name} ended (${how}). ${this.#lastWords}`.trim());
    });
    return await Promise.race([work, died]);
  }

  /** Lets it drain, kills it after 5 s; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), drainLimit);
    await this.#gone;
    clearTimeout(kill);
  }
}

/** The processes of a run, so that none outlives it. */
export class Processes {
  readonly #started: Started[] = [];

  start(program: Program): Started {
    const process = new Started(program);
    this.#started.push(process);
    return process;
  }

  /** Resolves when all of them are gone. */
  async stop(): Promise<void> {
    await Promise.all(this.#started.map((process) => process.stop()));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @throws {Error} nobody listens on the port of the loopback within 30 s */
export async function untilListening(port: number): Promise<void> {
  for (const end = performance.now() + startLimit; !(await isListening(port)); await sleep(25))
    if (performance.now() > end)
      throw new Error(`Nobody listens on port ${port} after ${startLimit / 1000} s.`);
}

async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
