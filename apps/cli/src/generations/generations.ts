import { canonical } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { allBuckets, coveredTo } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import {
  type Config,
  generationsOf,
  namedGeneration,
  recordGeneration,
  type StoreUrl,
  withGeneration,
} from '@cartage/runtime';
import { messageOf, Trouble, UsageError } from '../exit.ts';
import { openExistingReadStore } from '../stores.ts';
import { checkedGeneration, isInUse, storeNamed } from './store-named.ts';

/** A generation of a read store. */
export type Listed = {
  readonly store: string;
  readonly generation: string;
  readonly inUse: boolean;
  /** How far all its carts are projected; null when some are not at all. */
  readonly position: bigint | null;
  /** Positions from there to the end of the log. */
  readonly lag: number;
  /** Null when they were not counted. */
  readonly carts: number | null;
  /** Of all views in their canonical form, UTF-8. */
  readonly bytes: number | null;
  /** Why it could not be looked into. */
  readonly trouble?: string;
};

/** Every generation that is known of the configured read stores. */
export async function* list(events: EventStore, config: Config, count: boolean): AsyncGenerator<Listed> {
  const head = await events.head();
  for (const store of config.readStores) {
    const { known } = await generationsOf(events, store.name);
    for (const generation of new Set([...known, namedGeneration(store) ?? known[0] ?? ''])) {
      const inUse = await isInUse(events, config, store, generation);
      yield { store: store.name, generation, inUse, ...(await look(store, generation, head, count)) };
    }
  }
}

async function look(
  store: StoreUrl,
  generation: string,
  head: bigint,
  count: boolean,
): Promise<Omit<Listed, 'store' | 'generation' | 'inUse'>> {
  const none = { position: null, lag: Number(head + 1n), carts: null, bytes: null };
  try {
    return await looking(store, generation, async (opened) => {
      const position = coveredTo(await opened.checkpoints(), allBuckets);
      const counted = count ? await countOf(opened) : { carts: null, bytes: null };
      if (position === undefined) return { ...none, ...counted };
      return { position, lag: Math.max(0, Number(head - position)), ...counted };
    });
  } catch (error) {
    return { ...none, trouble: messageOf(error) };
  }
}

async function countOf(store: ReadStore): Promise<{ carts: number; bytes: number }> {
  let [carts, bytes] = [0, 0];
  for await (const page of store.scan())
    for (const view of page) {
      carts += 1;
      bytes += Buffer.byteLength(canonical(view));
    }
  return { carts, bytes };
}

/** Answers what to say. @throws {Trouble} the generation is not filled, or the store's URL leaves no choice */
export async function choose(
  events: EventStore,
  config: Config,
  name: string,
  generation: string,
): Promise<string> {
  const store = storeNamed(config, name);
  const named = namedGeneration(store);
  if (named !== undefined)
    throw new UsageError(`The URL of ${name} in READ_STORES says generation=${named}: take that out first.`);
  const position = await looking(store, checkedGeneration(generation), async (opened) =>
    coveredTo(await opened.checkpoints(), allBuckets),
  );
  if (position === undefined)
    throw new Trouble(
      `${name} ${generation} does not hold every cart. First: npx cartage rebuild ${name} --generation ${generation} --once`,
    );
  await recordGeneration(events, 'GenerationChosen', name, generation);
  const lag = Number((await events.head()) - position) - 1;
  const behind =
    lag > 0 ? ` It is ${lag} positions behind: the projector catches up once it is restarted.` : '';
  return `${name} uses ${generation} from the next start of each process on: restart the API, the projector and control, one by one.${behind}`;
}

/** Answers what to say. @throws {Trouble} the generation is in use */
export async function drop(
  events: EventStore,
  config: Config,
  name: string,
  generation: string,
): Promise<string> {
  const store = storeNamed(config, name);
  if (await isInUse(events, config, store, checkedGeneration(generation)))
    throw new Trouble(
      `${name} ${generation} is in use. Choose another first: npx cartage use ${name} <generation>`,
    );
  await looking(store, generation, (opened) => opened.drop());
  await recordGeneration(events, 'GenerationDropped', name, generation);
  return `${name} ${generation} is gone.`;
}

async function looking<T>(
  store: StoreUrl,
  generation: string,
  look: (opened: ReadStore) => Promise<T>,
): Promise<T> {
  const opened = await openExistingReadStore(withGeneration(store, generation));
  try {
    return await look(opened);
  } finally {
    await opened.close();
  }
}
