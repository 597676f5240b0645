import { hasCode } from '@cartage/event-store';
import { persist } from '@cartage/projection';

const limit = 60_000; // ms

/**
 * What comes before the clock runs, repeated while the store is unavailable: an engine that was just started may be slower than
 * an adapter waits for.
 *
 * @throws {Error} it fails otherwise, or is unavailable after a minute
 */
export async function patiently(work: () => Promise<void>): Promise<void> {
  const signal = AbortSignal.timeout(limit);
  await persist(work, signal, (error) => {
    if (signal.aborted || !hasCode(error, 'unavailable')) throw error;
  });
}
