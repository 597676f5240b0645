/** Tries for as long as the store is out of reach. A generation that is not provisioned is an answer. */
export async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      await pause(50);
    }
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const isOutOfReach = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'unavailable' &&
  !error.message.includes('not provisioned');
