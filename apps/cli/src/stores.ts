import { access } from 'node:fs/promises';
import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { folderOf, openEventStore, openReadStore, type StoreUrl } from '@cartage/runtime';
import { Trouble } from './exit.ts';

/**
 * Opens the log to look into it. Opening an embedded store would create a missing folder, and an empty log in a wrong folder
 * looks like a loss.
 *
 * @throws {Trouble} its folder does not exist
 */
export async function openExistingEventStore(store: StoreUrl): Promise<EventStore> {
  await folderExists(store);
  return await openEventStore(store);
}

/** {@link openExistingEventStore} for a read store. */
export async function openExistingReadStore(store: StoreUrl): Promise<ReadStore> {
  await folderExists(store);
  return await openReadStore(store);
}

async function folderExists(store: StoreUrl): Promise<void> {
  const folder = folderOf(store);
  if (folder === undefined) return;
  await access(folder).catch(() => {
    throw new Trouble(
      `There is no folder ${folder}. Run this in the folder Cartage was started in, with the same settings; a first start creates it.`,
    );
  });
}

const query = /([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*/gi;

/** A URL to show: without user, password and what its query keeps secret. */
export const redacted = (url: string): string => url.replace(/\/\/.*@/, '//***@').replace(query, '$1***');
