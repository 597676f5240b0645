import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Corrupted } from './errors.ts';

/** What a data folder says about itself in `format.json`: which store's it is, and in which format. */
export type Manifest = { readonly kind: string; readonly version: number };

const fileName = 'format.json';

/** The folder's manifest, or undefined when it has none. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, fileName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parse(text, folder);
}

/** Writes the manifest durably, whole or not at all, unless another process was quicker. */
export async function createManifest(folder: string, manifest: Manifest): Promise<void> {
  const draft = join(folder, `${fileName}.${process.pid}.${process.hrtime.bigint()}`);
  try {
    await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    await link(draft, join(folder, fileName)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  for (const changed of [folder, dirname(folder)]) await flushFolder(changed);
}

export function checkManifest(folder: string, found: Manifest, wanted: Manifest): void {
  if (found.kind !== wanted.kind) {
    throw new Corrupted(
      `${folder} holds data of kind "${found.kind}", not "${wanted.kind}". Configure a folder of its own for each store.`,
    );
  }
  if (found.version !== wanted.version) {
    throw new Corrupted(
      `${folder} was written in format ${found.version} of kind "${found.kind}"; this version of Cartage reads and writes ` +
        `format ${wanted.version}. Run the version that wrote it, or configure another folder.`,
    );
  }
}

function parse(text: string, folder: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && 'kind' in value && 'version' in value) {
    const { kind, version } = value;
    if (typeof kind === 'string' && typeof version === 'number') return { kind, version };
  }
  throw new Corrupted(`${join(folder, fileName)} is damaged. Restore it from a backup.`);
}

/** Makes new names in a folder survive a power failure. Windows has no such call, and needs none. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
