import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { InvalidConfiguration } from './config.ts';
import { folderOf, generationOf, isEventStoreDb, type StoreUrl } from './store-url.ts';

/**
 * Opens the log. Adapters are imported on demand: a deployment loads only the drivers it uses.
 *
 * @throws an error of code `unavailable` or `corrupted`
 */
export async function openEventStore(store: StoreUrl): Promise<EventStore> {
  const folder = folderOf(store);
  if (folder !== undefined)
    return (await import('@cartage/event-store-embedded')).EmbeddedEventStore.open(folder);
  if (!isEventStoreDb(store)) throw noAdapter(store);
  return (await import('@cartage/event-store-eventstoredb')).EventStoreDbEventStore.open(store.url);
}

/**
 * Opens a read store and provisions its generation.
 *
 * @throws an error of code `unavailable` or `corrupted`; nothing is left open
 */
export async function openReadStore(store: StoreUrl): Promise<ReadStore> {
  const opened = await openAdapter(store);
  try {
    await opened.provision();
  } catch (error) {
    await opened.close();
    throw error;
  }
  return opened;
}

async function openAdapter(store: StoreUrl): Promise<ReadStore> {
  const folder = folderOf(store);
  if (folder === undefined) throw noAdapter(store);
  const generation = generationOf(store);
  const { EmbeddedReadStore } = await import('@cartage/read-store-embedded');
  return EmbeddedReadStore.open(folder, generation === undefined ? {} : { generation });
}

const noAdapter = ({ name }: StoreUrl): Error =>
  new InvalidConfiguration(`No adapter opens the URL of the store "${name}": readConfig refuses such URLs.`);
