import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { InvalidConfiguration } from './config.ts';
import { folderOf, generationOf, isEventStoreDb, schemeOf, type StoreUrl } from './store-url.ts';

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
 * Opens a read store; one on the network need not be up for it. Its tables are made by `provision`, which is for those who fill
 * them to call.
 *
 * @throws an error of code `unavailable` or `corrupted`: the folder of an embedded store
 */
export async function openReadStore(store: StoreUrl): Promise<ReadStore> {
  const generation = generationOf(store);
  const options = generation === undefined ? {} : { generation };
  switch (schemeOf(store.url)) {
    case 'embedded': {
      const { EmbeddedReadStore } = await import('@cartage/read-store-embedded');
      return EmbeddedReadStore.open(folderOf(store) ?? '', options);
    }
    case 'cassandra': {
      const { CassandraReadStore } = await import('@cartage/read-store-cassandra');
      return CassandraReadStore.open(store.url, options);
    }
    case 'dynamodb': {
      const { DynamoDbReadStore } = await import('@cartage/read-store-dynamodb');
      return DynamoDbReadStore.open(store.url, options);
    }
    case 'mongodb':
    case 'mongodb+srv': {
      const { MongoDbReadStore } = await import('@cartage/read-store-mongodb');
      return MongoDbReadStore.open(store.url, options);
    }
    default:
      throw noAdapter(store);
  }
}

const noAdapter = ({ name }: StoreUrl): Error =>
  new InvalidConfiguration(`No adapter opens the URL of the store "${name}": readConfig refuses such URLs.`);
