import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const startLimit = 30_000; // ms
const lastWords = 4_000; // characters

export type Program = {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Answers `/health/ready` once it runs. */
  readonly origin?: string;
};

/** A program that is started, killed, frozen and started again, and what its latest process said. */
export class Process {
  readonly program: Program;
  #child: ChildProcess | undefined;
  #gone: Promise<string> = Promise.resolve('not started');
  #output = { stdout: '', stderr: '' };
  #isOver = false;
  /** How often it was started. */
  starts = 0;

  constructor(program: Program) {
    this.program = program;
  }

  get name(): string {
    return this.program.name;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get stdout(): string {
    return this.#output.stdout;
  }

  /** The last 4,000 characters of it. */
  get stderr(): string {
    return this.#output.stderr;
  }

  /** Starts it, and resolves when it is ready if it has an origin. @throws {Error} it ended, with its last words, or is not ready within 30 s */
  async start(): Promise<void> {
    this.launch();
    if (this.program.origin !== undefined) await this.ready();
  }

  /** Starts it, and does not wait. */
  launch(): void {
    if (this.#isOver) throw new Error(`${this.name} was ended.`);
    this.starts += 1;
    const { script, args = [], env = {}, cwd } = this.program;
    const { PATH = '' } = process.env;
    // With the IPC channel it ends should this process vanish.
    const child = spawn(process.execPath, [script, ...args], {
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(cwd !== undefined && { cwd }),
    });
    this.#child = child;
    const output = (this.#output = { stdout: '', stderr: '' });
    child.stdout?.on('data', (text: Buffer) => (output.stdout += text.toString()));
    child.stderr?.on('data', (text: Buffer) => {
      output.stderr = `${output.stderr}${text.toString()}`.slice(-lastWords);
    });
    this.#gone = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** Memory it holds, MB; NaN where there is no /proc. */
  async residentMegabytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves to the signal or the exit code it ended with. */
  get ended(): Promise<string> {
    return this.#gone;
  }

  /** Until `/health/ready` answers 200. @throws {Error} as {@link start} */
  async ready(): Promise<void> {
    const end = performance.now() + startLimit;
    const died = this.#gone.then((how) => {
      throw new Error(`${this.name} ended (${how}). ${this.stderr}`.trim());
    });
    while (!(await Promise.race([this.isReady(), died]))) {
      if (performance.now() > end)
        throw new Error(`${this.name} is not ready after ${startLimit / 1000} s. ${this.stderr}`.trim());
      await sleep(25);
    }
  }

  async isReady(): Promise<boolean> {
    return await fetch(`${this.program.origin}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }

  /** Kills it, frozen or not, for good: it cannot be started again. */
  end(): Promise<void> {
    this.#isOver = true;
    return this.kill();
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }
}

/** Starts what has ended again, twice a second, as `cartage start` does more patiently. Answers how to leave off. */
export function keepRunning(processes: readonly Process[]): () => void {
  const timer = setInterval(() => {
    for (const process of processes) if (!process.isRunning) process.launch();
  }, 500);
  return () => clearInterval(timer);
}
