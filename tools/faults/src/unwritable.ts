import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** How this account can take the right to write a file from everybody, and give it back. */
export type WriteProtection = {
  /** Whether processes that have the file open feel it too. */
  readonly stopsRunning: boolean;
  protect(file: string): Promise<void>;
  release(file: string): Promise<void>;
};

/** `chattr +i` where that is possible, which stops even those who have a file open; else permissions, which root is above. */
export async function writeProtection(): Promise<WriteProtection | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-faults-'));
  const file = join(folder, 'file');
  try {
    await writeFile(file, '');
    await immutable.protect(file);
    const failed = await writeFile(file, 'x').then(
      () => false,
      () => true,
    );
    await immutable.release(file);
    if (failed) return immutable;
  } catch {
    // This file system, or this account, has no such attribute.
  } finally {
    await rm(folder, { recursive: true });
  }
  return process.getuid?.() === 0 ? undefined : permissions;
}

const immutable: WriteProtection = {
  stopsRunning: true,
  protect: async (file) => void (await exec('chattr', ['+i', file])),
  release: async (file) => void (await exec('chattr', ['-i', file])),
};

const permissions: WriteProtection = {
  stopsRunning: false,
  protect: (file) => chmod(file, 0o400),
  release: (file) => chmod(file, 0o600),
};
