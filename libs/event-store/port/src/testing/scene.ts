import type { EventStore, NewEvent, Recorded } from '../index.ts';

/** How the suite gets at a store. It closes what it opens. */
export type Stores = {
  /** A store whose log holds none of the suite's streams: best a log of its own, else one where nobody uses the names twice. */
  readonly open: () => Promise<EventStore>;
  /** Closes the store and opens its log again. */
  readonly reopen: (store: EventStore) => Promise<EventStore>;
};

export type Open = Stores['open'];

/** An event with a fresh id. */
export const event = (data: object = {}, type = 'Noted'): NewEvent => ({
  id: crypto.randomUUID(),
  type,
  data,
  metadata: {},
});

export const events = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, note) => event({ note }));

/** A name that no test used before: not every log can be emptied. */
export const freshName = (): string => `contract-${crypto.randomUUID()}`;

export async function readAll(store: EventStore, stream: string, from?: number): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for await (const recorded of store.read(stream, from)) found.push(recorded);
  return found;
}

export async function revisionsOf(store: EventStore, stream: string, from?: number): Promise<number[]> {
  return (await readAll(store, stream, from)).map(({ revision }) => revision);
}

/** Runs a test with a store, and closes it whatever happens. */
export const withStore =
  (open: Open, test: (store: EventStore) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const store = await open();
    try {
      await test(store);
    } finally {
      await store.close();
    }
  };
