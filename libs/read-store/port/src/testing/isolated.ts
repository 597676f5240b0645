import type { ReadStore } from '../index.ts';

/**
 * Opens the generation of that name and provisions it. It is empty at the first call of a name; further calls give further
 * connections to it. Names consist of a-z, 0-9 and _.
 */
export type Open = (generation: string) => Promise<ReadStore>;

/** A further connection to the case's generation; with a suffix, the first one to a generation of that suffix. */
export type Connect = (suffix?: string) => Promise<ReadStore>;

/** Makes a test case of a body: it gets a generation of its own, dropped after it succeeded, closed in any case. */
export type InStore = (body: (store: ReadStore, connect: Connect) => Promise<void>) => () => Promise<void>;

export function isolated(open: Open): InStore {
  let cases = 0;
  return (body) => {
    cases += 1;
    const generation = `contract_${cases}`;
    return () => run(open, generation, body);
  };
}

async function run(open: Open, generation: string, body: Parameters<InStore>[0]): Promise<void> {
  const opened: ReadStore[] = [];
  const connect = async (suffix = ''): Promise<ReadStore> => {
    const store = await open(generation + suffix);
    opened.push(store);
    return store;
  };
  try {
    await body(await connect(), connect);
    await opened.at(-1)?.drop();
  } finally {
    for (const store of opened) await store.close();
  }
}

/** Everything a scan delivers, in one list. */
export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
