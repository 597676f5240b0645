/** How far a bench is, with the time left, on stderr: a line that is written over on a terminal, a line every 5 s elsewhere. */
export class Progress {
  readonly #began = performance.now();
  readonly #total: number;
  #planned = 0;
  #scenario = '';
  #shown = -Infinity;

  /** `total`: the ms that everything is expected to take. */
  constructor(total: number) {
    this.#total = total;
  }

  scenario(name: string): void {
    this.#scenario = name;
  }

  /** Shows a step that is expected to take so many ms, and runs it. */
  async during<T>(step: string, planned: number, run: () => Promise<T>): Promise<T> {
    this.#show(`${this.#scenario}: ${step}, ${this.#left()}`);
    const result = await run();
    this.#planned += planned;
    return result;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }

  #show(line: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else if (performance.now() - this.#shown >= 5_000) {
      this.#shown = performance.now();
      process.stderr.write(`${line}\n`);
    }
  }

  #left(): string {
    return timeLeft(this.#total, this.#planned, performance.now() - this.#began);
  }
}

/** What is left of the plan, stretched by how much longer than planned it took so far. All in ms. */
export function timeLeft(total: number, planned: number, elapsed: number): string {
  const stretch = planned > 0 ? Math.max(1, elapsed / planned) : 1;
  return `about ${Math.max(0, Math.ceil(((total - planned) * stretch) / 1000))} s left`;
}
