/** Works on several items at once. After a failure it begins none, and throws when those begun have ended. */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  // A generator, because the loop that fails ends it for the others.
  const queue = (function* () {
    yield* items;
  })();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
