/** How far a bench is, on stderr: one line per step on a terminal written over, with the time left. */
export class Progress {
  readonly #began = performance.now();
  readonly #total: number;
  #planned = 0;
  #scenario = '';

  /** `total`: the ms that everything is expected to take. */
  constructor(total: number) {
    this.#total = total;
  }

  scenario(name: string): void {
    this.#scenario = name;
  }

  /** Shows a step that is expected to take so many ms, and runs it. */
  async during<T>(step: string, planned: number, run: () => Promise<T>): Promise<T> {
    const line = `${this.#scenario}: ${step}, ${this.#left()}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    const result = await run();
    this.#planned += planned;
    return result;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
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
