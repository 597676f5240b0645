import { join } from 'node:path';
import { type FacadeProcess, launchEventStoreDbFacade, type Misdeed } from '@cartage/engines';
import type { Defer } from './scenarios/scenario.ts';

/** The EventStoreDB protocol facade as a process over a file: killed and started again, it has all that it acknowledged. */
export class EventStoreServer {
  readonly #file: string;
  #process: FacadeProcess;

  private constructor(file: string, process: FacadeProcess) {
    this.#file = file;
    this.#process = process;
  }

  /** Starts it with its log in the folder, and defers to end it. */
  static async start(folder: string, defer: Defer): Promise<EventStoreServer> {
    const file = join(folder, 'eventstoredb.log');
    const server = new EventStoreServer(file, await launchEventStoreDbFacade({ file }));
    defer(() => server.kill());
    return server;
  }

  get url(): string {
    return this.#process.url;
  }

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#process.signal('SIGKILL');
  }

  /** Starts it again at the same address; resolves when it answers. */
  async start(): Promise<void> {
    this.#process = await launchEventStoreDbFacade({ file: this.#file, port: this.#process.port });
  }

  /** Answers how many subscriptions, connections or calls that hit at once. */
  misbehave(misdeed: Misdeed): Promise<number> {
    return this.#process.misbehave(misdeed);
  }
}
