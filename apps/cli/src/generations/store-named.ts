import type { EventStore } from '@cartage/event-store';
import { type Config, generationInUse, isGeneration, type StoreUrl, withGeneration } from '@cartage/runtime';
import { UsageError } from '../exit.ts';

/** The read store of this name. @throws {UsageError} READ_STORES names none */
export function storeNamed(config: Config, name: string): StoreUrl {
  const store = config.readStores.find((known) => known.name === name);
  if (store) return store;
  const names = config.readStores.map((known) => known.name).join(', ');
  throw new UsageError(`READ_STORES has no store "${name}", but ${names}.`);
}

/** @throws {UsageError} it is no name of a generation */
export function checkedGeneration(name: string): string {
  if (isGeneration(name)) return name;
  throw new UsageError(`"${name}" is no generation: give up to 40 letters, digits and _, such as v2.`);
}

/** Whether any process that is configured like this one reads or keeps that generation of the store. */
export async function isInUse(
  events: EventStore,
  config: Config,
  store: StoreUrl,
  generation: string,
): Promise<boolean> {
  const wanted = withGeneration(store, generation).url;
  for (const other of config.readStores)
    if (withGeneration(other, await generationInUse(events, other)).url === wanted) return true;
  return false;
}
