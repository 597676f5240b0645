export type RetryOptions = {
  /** Attempts in all; 3 by default. */
  readonly attempts?: number;
  /** ms: the first pause is a random time up to this, and the bound doubles with each failure. 25 by default. */
  readonly base?: number;
  /** Whether another attempt may mend it. */
  readonly isTransient: (error: unknown) => boolean;
};

/**
 * Repeats an idempotent request a few times, with full jitter between attempts (M. Brooker, Exponential Backoff and Jitter, AWS
 * Architecture Blog). Throws what the last attempt failed with.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { attempts = 3, base = 25, isTransient }: RetryOptions,
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await attempt();
    } catch (error) {
      failures += 1;
      if (failures >= attempts || !isTransient(error)) throw error;
      const pause = Math.random() * base * 2 ** (failures - 1);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
