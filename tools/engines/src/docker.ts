import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const probeLimit = 5_000; // ms
const pullLimit = 600_000; // ms

/** Engines as `docker-compose.yml` describes them. */
export class Compose {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Why it cannot be used; undefined when it can. */
  async trouble(): Promise<string | undefined> {
    try {
      await access(this.#file);
    } catch {
      return 'there is no docker-compose.yml';
    }
    try {
      await run('docker', ['info'], { timeout: probeLimit, env: process.env });
      return undefined;
    } catch {
      return 'no Docker engine answers';
    }
  }

  /** Starts a service, waits until it is healthy and answers `host:port` of one of its ports. Idempotent. */
  async up(service: string, port: number): Promise<string> {
    await this.#compose(['up', '--detach', '--wait', service]);
    const { stdout } = await this.#compose(['port', service, String(port)]);
    return stdout.trim().replace('0.0.0.0', '127.0.0.1');
  }

  async down(service: string): Promise<void> {
    await this.#compose(['stop', service]);
  }

  async isUp(service: string): Promise<boolean> {
    const { stdout } = await this.#compose(['ps', '--status', 'running', '--quiet', service]);
    return stdout.trim() !== '';
  }

  #compose(args: readonly string[]): Promise<{ readonly stdout: string }> {
    return run('docker', ['compose', '--file', this.#file, ...args], {
      timeout: pullLimit,
      env: process.env,
    });
  }
}
