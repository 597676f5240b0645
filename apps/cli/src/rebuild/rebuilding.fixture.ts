import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { launch, slow } from '../testing/system.ts';

/** The arguments that fill v2 of a store up to the end of the log. */
export const rebuildOf = (store: string): readonly string[] =>
  `rebuild ${store} --generation v2 --once --verify --json`.split(' ');

/** A rebuild under way, and what it has said. */
export class Rebuilding {
  stderr = '';
  #stdout = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;

  constructor(folder: string, store: string, url: string) {
    this.#child = launch(folder, rebuildOf(store), { READ_STORES: url });
    this.#closed = once(this.#child, 'close');
    // Where the test has failed, nobody ends it, and one whose target is gone tries for ever.
    setTimeout(() => this.#child.kill('SIGKILL'), slow).unref();
    this.#child.stdout?.on('data', (text: Buffer) => (this.#stdout += text.toString()));
    this.#child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
  }

  /** The JSON objects it has printed. */
  get lines(): readonly Readonly<Record<string, unknown>>[] {
    const [, ...complete] = this.#stdout.split('\n').reverse();
    return complete.reverse().map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Its exit code, and the summary. */
  async ended(): Promise<readonly [unknown, unknown]> {
    const [code] = await this.#closed;
    return [code, this.lines.at(-1)];
  }
}
