import { execFile } from 'node:child_process';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Process } from './processes.ts';

const exec = promisify(execFile);
const megabytes = 96;
const page = 4_096;

/** A folder whose disk can be made full, for the processes that write to it. */
export type Disk = {
  readonly kind: 'tmpfs' | 'file size limit';
  readonly folder: string;
  /** From now on nothing can grow, or by so many bytes only. */
  fill(writers: readonly Process[], leaving?: number): Promise<void>;
  /** From now on it can. */
  free(writers: readonly Process[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * A small disk of its own where this account may mount one; else a limit on what the processes may write to a file.
 *
 * @param stores the folders in it of the embedded stores
 */
export async function openDisk(folder: string, stores: readonly string[]): Promise<Disk> {
  const mounted = join(folder, 'disk');
  await mkdir(mounted);
  try {
    await exec('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'cartage-faults', mounted]);
  } catch {
    return limited(mounted, stores);
  }
  const filler = join(mounted, 'filler');
  return {
    kind: 'tmpfs',
    folder: mounted,
    fill: (_, leaving = 0) => fillUp(filler, leaving),
    free: () => rm(filler),
    close: async () => void (await exec('umount', [mounted])),
  };
}

/** A limit below what its files have already: they may be written, and not grow. */
const limited = (folder: string, stores: readonly string[]): Disk => ({
  kind: 'file size limit',
  folder,
  fill: async (writers, leaving = 0) => {
    const sizes = await Promise.all(stores.map((name) => sizeOf(join(folder, name))));
    await limit(writers, `${Math.min(...sizes) + leaving}`);
  },
  free: (writers) => limit(writers, 'unlimited'),
  close: () => Promise.resolve(),
});

/** Bytes of the embedded store in the folder; 0 when there is none yet. */
export const sizeOf = (folder: string): Promise<number> =>
  stat(join(folder, 'data.mdb')).then(
    ({ size }) => size,
    () => 0,
  );

/** The soft limit: it can be raised again without any privilege. */
async function limit(writers: readonly Process[], size: string): Promise<void> {
  for (const { pid } of writers) await exec('prlimit', ['--pid', `${pid}`, `--fsize=${size}:`]);
}

async function fillUp(path: string, leaving: number): Promise<void> {
  const file = await open(path, 'a');
  try {
    for (let size = 256 * page; size >= page;) {
      try {
        await file.write(Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size /= 2;
      }
    }
    if (leaving > 0) await file.truncate(Math.max(0, (await file.stat()).size - leaving));
  } finally {
    await file.close();
  }
}
