import { type EventStore, hasCode, type Recorded } from '@cartage/event-store';
import { z } from 'zod';
import { InvalidConfiguration } from './config.ts';
import { generationOf, isGeneration, type StoreUrl } from './store-url.ts';

/** The stream of what operators decided. */
const operations = 'operations';
const attempts = 5;

/** The generation of a read store before anybody chose another. */
export const firstGeneration = 'v1';

export type GenerationEventType = 'GenerationStarted' | 'GenerationChosen' | 'GenerationDropped';

/** What was decided about the generations of one read store. */
export type Generations = {
  /** The one that is read and kept where the store's URL names none. */
  readonly chosen: string;
  /** Those that were started or chosen and not dropped since, oldest first, and the chosen one. */
  readonly known: readonly string[];
};

const decided = z.object({ store: z.string(), generation: z.string() });
const types: readonly string[] = [
  'GenerationStarted',
  'GenerationChosen',
  'GenerationDropped',
] satisfies readonly GenerationEventType[];

/** What the log says of the generations of the read store of this name. */
export async function generationsOf(events: EventStore, store: string): Promise<Generations> {
  let chosen = firstGeneration;
  const known = new Set([firstGeneration]);
  for await (const recorded of events.read(operations)) {
    const generation = generationIn(recorded, store);
    if (generation === undefined) continue;
    if (recorded.type === 'GenerationChosen') chosen = generation;
    if (recorded.type === 'GenerationDropped') known.delete(generation);
    else known.add(generation);
  }
  return { chosen, known: [...known.add(chosen)] };
}

/** Undefined for an event that is about something else. */
function generationIn({ type, data }: Recorded, store: string): string | undefined {
  if (!types.includes(type)) return undefined;
  const parsed = decided.safeParse(data);
  return parsed.success && parsed.data.store === store && isGeneration(parsed.data.generation)
    ? parsed.data.generation
    : undefined;
}

/** Records a decision in the log, where every process finds it that starts from then on, and whoever wants to know since when. */
export async function recordGeneration(
  events: EventStore,
  type: GenerationEventType,
  store: string,
  generation: string,
): Promise<void> {
  const data = { store, generation, at: Date.now() };
  const draft = { id: crypto.randomUUID(), type, data, metadata: { schema: 1 } };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await events.append(operations, [draft], await lastRevision(events));
      return;
    } catch (error) {
      // Somebody else decided something meanwhile.
      if (!hasCode(error, 'revision_conflict') || attempt === attempts) throw error;
    }
  }
}

async function lastRevision(events: EventStore): Promise<number | 'none'> {
  let last: number | 'none' = 'none';
  for await (const { revision } of events.read(operations)) last = revision;
  return last;
}

/** The generation that is in use where a store is configured so: the one in its URL, else the chosen one. */
export async function generationInUse(events: EventStore, store: StoreUrl): Promise<string> {
  return namedGeneration(store) ?? (await generationsOf(events, store.name)).chosen;
}

/** The generation that the store's URL names; undefined when it leaves the choice to `cartage use`. */
export const namedGeneration = (store: StoreUrl): string | undefined =>
  generationOf(store)?.replace(/^carts_/, '');

/** The read stores with the generation in each URL that is in use. */
export function storesInUse(events: EventStore, stores: readonly StoreUrl[]): Promise<StoreUrl[]> {
  return Promise.all(
    stores.map(async (store) => withGeneration(store, await generationInUse(events, store))),
  );
}

/** The same store with this generation. @throws {InvalidConfiguration} it is no name of one */
export function withGeneration({ name, url }: StoreUrl, generation: string): StoreUrl {
  if (!isGeneration(generation))
    throw new InvalidConfiguration(
      `"${generation}" is no generation: expected up to 40 letters, digits and _, such as v2.`,
    );
  const bare = url.replace(/([?&])generation=[^&]*(&?)/, (_, before: string, after: string) =>
    after ? before : '',
  );
  return { name, url: `${bare}${bare.includes('?') ? '&' : '?'}generation=${generation}` };
}
