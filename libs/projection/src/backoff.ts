const base = 50;
const cap = 5_000;

/** Resolves after `ms` milliseconds, or as soon as the signal fires. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/**
 * Waits between the attempts at something that fails: a random time up to 50 ms, doubled by each failure up to 5 s ("full
 * jitter", M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog).
 */
export class Backoff {
  #failures = 0;

  /** To be called when something went well. */
  reset(): void {
    this.#failures = 0;
  }

  async pause(signal: AbortSignal): Promise<void> {
    const most = Math.min(cap, base * 2 ** this.#failures);
    this.#failures += 1;
    await pause(Math.random() * most, signal);
  }
}

/**
 * Runs a job, again and again as long as it fails, until it resolves or the signal fires. Each failure is handed to `onError`,
 * which ends the trying by throwing.
 */
export async function persist(
  job: (backoff: Backoff) => Promise<void>,
  signal: AbortSignal,
  onError: (error: Error) => void,
): Promise<void> {
  const backoff = new Backoff();
  while (!signal.aborted) {
    try {
      return await job(backoff);
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
      await backoff.pause(signal);
    }
  }
}
