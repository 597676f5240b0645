import { fileURLToPath } from 'node:url';
import type { Processes, Started } from '../processes.ts';
import type { Ask, Job, Loaded, Reply } from './protocol.ts';

/** The load generator, in a process of its own: what it does is not the server's doing. One job at a time. */
export class LoadGenerator {
  readonly #process: Started;

  private constructor(process: Started) {
    this.#process = process;
  }

  static async start(processes: Processes, tokens: readonly string[]): Promise<LoadGenerator> {
    const script = fileURLToPath(new URL('generator.js', import.meta.url));
    const generator = new LoadGenerator(processes.start({ name: 'The load generator', script }));
    await generator.#ask({ kind: 'shoppers', tokens });
    return generator;
  }

  /** @throws {Error} a connection was lost, or a request was not answered with success: a rate of refusals is worth nothing */
  async loadAccepted(job: Job): Promise<Loaded> {
    const loaded = await this.load(job);
    const { failures, unanswered } = loaded.tally;
    const refused = Object.entries(failures).map(([status, count]) => `${count} × ${status}`);
    if (unanswered > 0) refused.push(`${unanswered} never answered`);
    if (refused.length > 0) throw new Error(`Not every request was accepted: ${refused.join(', ')}.`);
    return loaded;
  }

  /** @throws {Error} a connection was lost */
  async load(job: Job): Promise<Loaded> {
    const reply = await this.#ask({ kind: 'load', ...job });
    if (reply.kind !== 'loaded') throw new Error(`The load generator answered "${reply.kind}" to a job.`);
    return reply;
  }

  async #ask(ask: Ask): Promise<Reply> {
    const reply = await this.#process.ask<Reply>(ask);
    if (reply.kind === 'failed') throw new Error(`The load failed: ${reply.reason}`);
    return reply;
  }
}
