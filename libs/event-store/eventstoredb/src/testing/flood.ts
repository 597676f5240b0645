import { type EventStore, hasCode, type NewEvent, type Recorded } from '@cartage/event-store';

export const noted = (note = 0): NewEvent => ({
  id: crypto.randomUUID(),
  type: 'Noted',
  data: { note },
  metadata: {},
});

/** The ids of what was acknowledged, by stream. */
export type Written = ReadonlyMap<string, readonly string[]>;

/**
 * Fills each stream, all at once, so many events an append. An append whose outcome is unknown is repeated with the same ids
 * until it is known; any other error is thrown.
 */
export async function flood(
  store: EventStore,
  streams: readonly string[],
  each: number,
  make: () => readonly NewEvent[] = () => [noted()],
): Promise<Written> {
  const fill = async (stream: string): Promise<[string, string[]]> => {
    const ids: string[] = [];
    while (ids.length < each) {
      const events = make();
      await until(() => store.append(stream, events, ids.length === 0 ? 'none' : ids.length - 1));
      ids.push(...events.map(({ id }) => id));
    }
    return [stream, ids];
  };
  return new Map(await Promise.all(streams.map(fill)));
}

/** Tries until the outcome is known. */
export async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!hasCode(error, 'unavailable')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Follows until so many events came. */
export async function collect(
  store: EventStore,
  prefix: string,
  count: number,
): Promise<readonly Recorded[]> {
  const found: Recorded[] = [];
  for await (const batch of store.follow(undefined, { prefixes: [prefix] })) {
    found.push(...batch.events);
    if (found.length >= count) break;
  }
  return found;
}

/** What is in the streams, read again. */
export async function contents(store: EventStore, streams: Iterable<string>): Promise<Written> {
  const read = async (stream: string): Promise<[string, string[]]> => {
    const ids: string[] = [];
    for await (const { id } of store.read(stream)) ids.push(id);
    return [stream, ids];
  };
  return new Map(await Promise.all([...streams].map((stream) => until(() => read(stream)))));
}

/** Nothing lost, nothing doubled, nothing out of order: in the log and for whoever followed it. */
export async function expectExactly(
  store: EventStore,
  written: Written,
  followed: readonly Recorded[],
): Promise<void> {
  expect(await contents(store, written.keys())).toEqual(written);
  const delivered = new Map([...written.keys()].map((stream) => [stream, [] as string[]]));
  for (const { stream, id } of followed) delivered.get(stream)?.push(id);
  expect(delivered).toEqual(written);
  const positions = followed.map(({ position }) => position);
  expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => (a < b ? -1 : 1)));
}

export const streamsOf = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
