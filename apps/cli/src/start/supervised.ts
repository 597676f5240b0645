import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from '../exit.ts';

const firstDelay = 1_000;
const longestDelay = 30_000;
/** A process that ran this long was well: its next end is a new misfortune. */
const calm = 60_000;
/** Processes drain within 4.5 s by themselves; what is left after this is killed. */
const drainLimit = 4_800;

export type Program = {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Gets what the process prints and what becomes of it, line by line. */
  readonly log: (line: string) => void;
};

/**
 * One process, kept running: when it ends it is started again after 1 s, doubling to 30 s. A process that ends before it was
 * ready for the first time is not: what it lacks will not come by itself.
 */
export class Supervised {
  readonly #program: Program;
  readonly #ending = new AbortController();
  #child: ChildProcess | undefined;
  #wasReady = false;

  constructor(program: Program) {
    this.#program = program;
  }

  get name(): string {
    return this.#program.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** To be called when the process answered that it is ready. */
  wasReady(): void {
    this.#wasReady = true;
  }

  /**
   * Resolves when the process has ended after {@link stop}.
   *
   * @throws {Trouble} it ended before it was ready for the first time
   */
  async run(): Promise<void> {
    const { name, log } = this.#program;
    for (let delay = firstDelay; ; delay = Math.min(delay * 2, longestDelay)) {
      const began = Date.now();
      const end = await this.#runOnce();
      if (this.#ending.signal.aborted) return;
      if (!this.#wasReady) throw new Trouble(`${name} cannot start (${end}): what it said stands above.`);
      if (Date.now() - began >= calm) delay = firstDelay;
      log(`ended (${end}); starts again in ${delay / 1000} s`);
      await sleep(delay, undefined, { signal: this.#ending.signal }).catch(() => undefined);
      if (this.#ending.signal.aborted) return;
    }
  }

  /** Lets the process drain, and kills it after 4.8 s. {@link run} resolves when it is gone. */
  stop(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#child?.kill('SIGTERM');
    setTimeout(() => {
      if (this.#child?.exitCode !== null || this.#child.signalCode !== null) return;
      this.#program.log(`killed: it did not drain within ${drainLimit / 1000} s`);
      this.kill();
    }, drainLimit).unref();
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Runs the process to its end and says how it ended. */
  async #runOnce(): Promise<string> {
    const { script, env, log } = this.#program;
    // A process group of its own: Ctrl-C reaches this process alone, which then ends the others in order.
    const child = spawn(process.execPath, [script], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', log);
    }
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }
}
