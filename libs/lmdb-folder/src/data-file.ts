import { closeSync, fdatasyncSync, fstatSync, openSync } from 'node:fs';
import { damaged, newestMeta } from './meta.ts';
import { findDamage } from './trees.ts';

/** `missing` also when empty; `fresh` when nothing was ever committed to it. */
export type DataFile = 'missing' | 'fresh' | 'used';

const checkFor = 200; // ms

/**
 * Looks at an LMDB data file without mapping it into memory: LMDB trusts what it reads, and a damaged page or one that the file
 * does not have ends the process. A file of full length is checked for at most 200 ms, the top of its trees first.
 *
 * @throws {Corrupted} it is not an LMDB file of this format, or its header or a page of its trees is damaged or missing
 */
export function inspectDataFile(path: string): DataFile {
  const file = openExisting(path);
  if (file === undefined) return 'missing';
  try {
    const meta = newestMeta(file, path);
    if (meta === undefined) return 'missing';
    // The size is asked for last: whatever a header names was written before the header.
    const pages = Math.floor(fstatSync(file).size / meta.pageSize);
    // LMDB leaves free pages at the end unwritten: only the trees tell a short file from a truncated one.
    const isShort = pages <= meta.lastPage;
    const damage = findDamage(file, meta, pages, isShort ? Infinity : performance.now() + checkFor);
    // While another process writes, pages change under way: what was found then means nothing.
    if (damage !== undefined && newestMeta(file, path)?.transaction === meta.transaction) {
      throw damaged(
        path,
        damage >= pages ? `it ends before page ${damage}` : `page ${damage} makes no sense`,
      );
    }
    return meta.transaction === 0n ? 'fresh' : 'used';
  } finally {
    closeSync(file);
  }
}

/** The newest transaction that the file holds; 0 when nothing was ever committed to it. */
export function newestTransaction(path: string): bigint {
  const file = openSync(path, 'r');
  try {
    return newestMeta(file, path)?.transaction ?? 0n;
  } finally {
    closeSync(file);
  }
}

/** Forces the file's contents to the disk. */
export function flushFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
