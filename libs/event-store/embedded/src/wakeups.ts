/** Lets followers sleep until something happens. */
export class Wakeups {
  readonly #sleeping = new Set<() => void>();

  /** Resolves at the next {@link wake}, after `ms`, or when the signal fires. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#sleeping.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake);
      this.#sleeping.add(wake);
    });
  }

  wake(): void {
    for (const wake of this.#sleeping) wake();
  }
}
