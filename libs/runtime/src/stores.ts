import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import type { StoreUrl } from './store-url.ts';

/** Opens the log. Adapters are imported on demand: a deployment loads only the drivers it uses. */
export async function openEventStore({ url }: StoreUrl): Promise<EventStore> {
  const { protocol, pathname } = new URL(url);
  switch (protocol) {
    case 'embedded:':
      return (await import('@cartage/event-store-embedded')).EmbeddedEventStore.open(decodeURI(pathname));
    default:
      throw new Error(`No event store speaks ${protocol}`);
  }
}

/** Opens a read store and provisions its generation. */
export async function openReadStore({ url }: StoreUrl): Promise<ReadStore> {
  const { protocol, pathname, searchParams } = new URL(url);
  const generation = searchParams.get('generation');
  const store = await openAdapter(protocol, decodeURI(pathname), generation ? { generation } : {});
  await store.provision();
  return store;
}

async function openAdapter(
  protocol: string,
  folder: string,
  options: { readonly generation?: string },
): Promise<ReadStore> {
  switch (protocol) {
    case 'embedded:':
      return (await import('@cartage/read-store-embedded')).EmbeddedReadStore.open(folder, options);
    default:
      throw new Error(`No read store speaks ${protocol}`);
  }
}
