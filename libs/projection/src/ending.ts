/** A signal that fires when another does, or when something failed. */
export class Ending {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  #failure: Error | undefined;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#controller.abort();
    else outer.addEventListener('abort', this.end);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Throws what failed first, if anything did. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  readonly fail = (error: unknown): void => {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    this.end();
  };

  readonly end = (): void => {
    this.#outer.removeEventListener('abort', this.end);
    this.#controller.abort();
  };
}
