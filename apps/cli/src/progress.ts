/** How far a long run is, on stderr: nothing in the first 2 s, then the rate and the time left. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #shown = false;

  /** Shows a line every `every` ms; on a terminal it is written over. */
  constructor(label: string, total: number, every = process.stderr.isTTY ? 500 : 5_000) {
    this.#label = label;
    this.#total = total;
    this.#timer = setInterval(() => this.#show(), every).unref();
  }

  advance(by = 1): void {
    this.#done += by;
  }

  /** Ends the display. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#shown && process.stderr.isTTY) process.stderr.write('\n');
  }

  #show(): void {
    const seconds = (performance.now() - this.#began) / 1000;
    if (seconds < 2) return;
    const line = progressLine(this.#label, this.#done, this.#total, seconds);
    this.#shown = true;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }
}

export function progressLine(label: string, done: number, total: number, seconds: number): string {
  const rate = done / seconds;
  const left = rate > 0 ? `${Math.ceil((total - done) / rate)} s left` : 'waiting';
  const percent = total > 0 ? Math.floor((done / total) * 100) : 100;
  return `${label}: ${done} of ${total} (${percent} %), ${Math.round(rate)}/s, ${left}`;
}
