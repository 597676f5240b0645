import { setTimeout as sleep } from 'node:timers/promises';
import { getSystemErrorName, types } from 'node:util';

/** The folder, or what is in it, cannot be trusted: damaged, of another format, of another kind. */
export class Corrupted extends Error {
  override readonly name = 'Corrupted';
  readonly code = 'corrupted';
}

/** The folder cannot be read or written just now: permissions, a full disk, a broken device. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code = 'unavailable';
}

/** LMDB has given the environment up, as it does when a meta page could not be written: it works in another process only. */
export class EnvironmentFailed extends Unavailable {}

// Codes of lmdb.h. Everything else LMDB reports with a negative number ends the transaction, not the data.
const damaged = new Set([-30797, -30796, -30794, -30793, -30779]);
const panic = -30795;
const silenceMeansEperm = 500; // ms

/**
 * What a failure of the file system or of LMDB means to a store's caller: `unavailable` or `corrupted`, with a text that
 * says what to do. Any other error, which is then a mistake in the program, comes back as it is.
 */
export function toStoreError(error: unknown, folder: string): Error {
  if (!types.isNativeError(error)) return new Error(String(error), { cause: error });
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'number' && damaged.has(code)) {
    return new Corrupted(`${folder} is damaged (${error.message}). Restore it from a backup.`, {
      cause: error,
    });
  }
  if (typeof code === 'number' && (code === panic || error.message.includes('MDB_PANIC'))) {
    return new EnvironmentFailed(
      `${folder} can no longer be used by this process (${error.message}). Start it again.`,
      { cause: error },
    );
  }
  if (typeof code === 'number')
    return unavailable(folder, code > 0 ? systemErrorName(code) : error.message, error);
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return unavailable(folder, code, error);
  return error;
}

/**
 * {@link toStoreError} for a write: LMDB rejects with a wrapper whose `commitError` is a promise of the real reason. It never
 * settles for errno 1 (EPERM), which lmdb-js takes for a sign of progress, and else within the same turn or two.
 */
export async function commitFailure(error: unknown, folder: string): Promise<Error> {
  if (!(types.isNativeError(error) && 'commitError' in error)) return toStoreError(error, folder);
  const silence = new AbortController();
  const reason = await Promise.race([
    Promise.resolve(error.commitError).catch((found: unknown) => found),
    sleep(silenceMeansEperm, eperm(), { signal: silence.signal }),
  ]);
  silence.abort();
  return reason === undefined
    ? new Unavailable(`Writing to ${folder} failed.`, { cause: error })
    : toStoreError(reason, folder);
}

const eperm = (): Error => Object.assign(new Error('Operation not permitted'), { code: 'EPERM' });

function unavailable(folder: string, reason: string, cause: Error): Unavailable {
  return new Unavailable(`${folder} cannot be used: ${advice[reason] ?? `${reason}.`}`, { cause });
}

const systemErrorName = (errno: number): string => {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `error ${errno}`;
  }
};

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full (ENOSPC). Make room; it works again by itself.',
  EIO: 'the disk is full or broken (EIO). Make room or replace it.',
  EDQUOT: 'the disk quota is used up (EDQUOT). Raise it; it works again by itself.',
  EFBIG: 'the file may not grow further (EFBIG). Raise the file size limit; it works again by itself.',
  EACCES: 'this user may not read and write it (EACCES). Change its owner or permissions.',
  EPERM: 'this user may not write it (EPERM). Change its owner or permissions.',
  EROFS: 'it is on a read-only file system (EROFS).',
  ENOTDIR: 'a part of its path is a file, not a folder (ENOTDIR).',
  EEXIST: 'there is a file of that name (EEXIST). Name a folder.',
};
