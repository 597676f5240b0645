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

  /** @throws {Error} a connection was lost, or an answer was none of success: figures of refusals are worth nothing */
  async load(job: Job): Promise<Loaded> {
    const reply = await this.#ask({ kind: 'load', ...job });
    if (reply.kind !== 'loaded') throw new Error(`The load generator answered "${reply.kind}" to a job.`);
    const failures = Object.entries(reply.tally.failures).map(([status, count]) => `${count} × ${status}`);
    if (failures.length > 0)
      throw new Error(`${job.plan}: not every answer was a success: ${failures.join(', ')}.`);
    return reply;
  }

  async #ask(ask: Ask): Promise<Reply> {
    const reply = await this.#process.ask<Reply>(ask);
    if (reply.kind === 'failed') throw new Error(`The load failed: ${reply.reason}`);
    return reply;
  }
}
