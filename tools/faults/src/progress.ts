/** How far a scenario is, on stderr: a line per round, on a terminal written over, with the time left. */
export class Progress {
  readonly #name: string;
  readonly #began = performance.now();
  #shown = false;

  constructor(name: string) {
    this.#name = name;
  }

  show(done: number, of: number): void {
    const line = progressLine(this.#name, done, of, performance.now() - this.#began);
    this.#shown = true;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (this.#shown && process.stderr.isTTY) process.stderr.write('\n');
  }
}

/** `elapsed`: ms since the first of the rounds began. */
export function progressLine(name: string, done: number, of: number, elapsed: number): string {
  const left = Math.ceil(((of - done) * elapsed) / Math.max(done, 1) / 1000);
  return `${name}: round ${done} of ${of}, about ${left} s left`;
}
