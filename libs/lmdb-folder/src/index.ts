import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { type DataFile, flushFile, inspectDataFile } from './data-file.ts';
import { EnvironmentFailed, toStoreError } from './errors.ts';
import { checkManifest, createManifest, type Manifest, readManifest } from './manifest.ts';
import { damaged } from './meta.ts';
import { Transactions } from './transactions.ts';

export { commitFailure, Corrupted, toStoreError, Unavailable } from './errors.ts';
export { Transactions } from './transactions.ts';

const durable = {
  noSubdir: false,
  // It would show a transaction to readers before it is on the disk.
  overlappingSync: false,
  // With it a failed commit, as on a full disk, leaves a rejected promise that nobody can handle: the end of the process.
  eventTurnBatching: false,
} as const;

/** Address space, not memory or disk: room for most stores, so that the map need not move while other threads read. It grows. */
const mapSize = 64 * 1_073_741_824;
const watchEvery = 1_000; // ms

/**
 * Opens a folder that belongs to one store, and creates it when it is missing: an LMDB environment (`data.mdb`, `lock.mdb`)
 * and `format.json`, which names the kind of store and its format. Any number of processes may have it open, as long as they
 * open its tables and change them by {@link Transactions} only.
 *
 * A transaction is durable when its promise resolves, and nobody, in no process, sees it before: what was read cannot be
 * undone by a power failure.
 *
 * When LMDB gives the environment up, which it does when a meta page could not be written, transactions never settle any more.
 * The process is then ended, by an error that is thrown where nobody catches it: whoever keeps it running starts it again.
 *
 * @throws an error of code `corrupted`: another kind or format, a missing, truncated or damaged file; nothing was changed
 * @throws an error of code `unavailable`: the folder cannot be created, read or written
 */
export async function openLmdbFolder(
  folder: string,
  kind: string,
  formatVersion: number,
  options: Partial<RootDatabaseOptionsWithPath> = {},
): Promise<RootDatabase> {
  const wanted = { kind, version: formatVersion };
  try {
    await mkdir(folder, { recursive: true });
    await checkWritable(folder);
    await checkContents(folder, wanted);
    const database = open({ mapSize, ...options, path: folder, ...durable });
    try {
      new Transactions(database, folder).mend();
      await claim(folder, wanted);
    } catch (error) {
      await database.close();
      throw error;
    }
    watchOver(database, folder);
    return database;
  } catch (error) {
    throw toStoreError(error, folder);
  }
}

/** Until it is closed. */
function watchOver(database: RootDatabase, folder: string): void {
  const watch = setInterval(() => {
    try {
      database.resetReadTxn();
      database.get('watch');
    } catch (error) {
      clearInterval(watch);
      const failure = toStoreError(error, folder);
      if (failure instanceof EnvironmentFailed) throw failure;
    }
  }, watchEvery).unref();
}

async function checkWritable(folder: string): Promise<void> {
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of ['data.mdb', 'lock.mdb']) {
    await access(join(folder, name), constants.R_OK | constants.W_OK).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }
}

/** Refuses files that do not belong together before LMDB touches them. */
async function checkContents(folder: string, wanted: Manifest): Promise<void> {
  const manifest = await readManifest(folder);
  if (manifest) checkManifest(folder, manifest, wanted);
  const path = join(folder, 'data.mdb');
  const state = await settledState(path);
  if (manifest && state === 'missing')
    throw damaged(path, 'it is missing or empty, though the folder was in use');
  // The manifest comes before the first transaction. Another process may have written both since the first look.
  if (!manifest && state === 'used') checkManifest(folder, await requireManifest(folder), wanted);
}

/** Another process may be writing the header: a file is damaged when it still is a moment later. */
async function settledState(path: string): Promise<DataFile> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return inspectDataFile(path);
    } catch (error) {
      if (attempt === 3) throw error;
      await sleep(20);
    }
  }
}

/** Marks a new folder as this store's, unless it is another's by now. */
async function claim(folder: string, wanted: Manifest): Promise<void> {
  if (!(await readManifest(folder))) {
    flushFile(join(folder, 'data.mdb'));
    await createManifest(folder, wanted);
  }
  checkManifest(folder, await requireManifest(folder), wanted);
}

async function requireManifest(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest) return manifest;
  throw damaged(join(folder, 'format.json'), 'it is missing, though the folder was in use');
}
