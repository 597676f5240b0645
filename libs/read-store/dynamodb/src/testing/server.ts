import { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { ReadStore } from '@cartage/read-store';
import { add, viewAfter } from '@cartage/read-store/testing';
import { parseAddress } from '../address.ts';

/** The URL with another beginning of table names, and with further settings. */
export function urlWith(url: string, base: string, settings: Readonly<Record<string, string>> = {}): string {
  const changed = new URL(url);
  changed.pathname = `/${base}`;
  for (const [name, value] of Object.entries(settings)) changed.searchParams.set(name, value);
  return changed.href;
}

export function endpointOf(url: string): string {
  const { endpoint } = parseAddress(url);
  if (endpoint === undefined) throw new Error(`${url} names no endpoint.`);
  return endpoint;
}

/** The bare driver, for what goes on behind a store's back. */
export function clientFor(url: string): DynamoDB {
  const { region, endpoint } = parseAddress(url);
  return new DynamoDB({
    region,
    ...(endpoint !== undefined && {
      endpoint,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  });
}

/** Removes every table whose name begins as the URL says. */
export async function removeTables(url: string): Promise<void> {
  const client = clientFor(url);
  const { base } = parseAddress(url);
  const { TableNames = [] } = await client.listTables({ ExclusiveStartTableName: `${base}.` });
  for (const TableName of TableNames)
    if (TableName.startsWith(`${base}.`)) await client.deleteTable({ TableName });
  client.destroy();
}

export const view = viewAfter('u~42~main', [add('shirt')]);

/** Every kind of call on a provisioned store, to be made one after the other. */
export const everyCall: readonly ((store: ReadStore) => Promise<unknown>)[] = [
  (store) => store.get(view.id),
  (store) => store.getMany([view.id]),
  (store) => store.list('u~42'),
  (store) => store.put([view], 'fenced'),
  (store) => store.put([view], 'fresh'),
  (store) => store.scan()[Symbol.asyncIterator]().next(),
  (store) => store.checkpoints(),
  (store) => store.saveCheckpoint('carts', 1n),
  (store) => store.parked(),
  (store) => store.unpark(view.id),
];
