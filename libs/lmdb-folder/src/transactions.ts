import { openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ABORT, type RootDatabase } from 'lmdb';
import { newestTransaction } from './data-file.ts';
import { EnvironmentFailed } from './errors.ts';

// The first page of the lock file, as 64-bit builds have it, little endian: a stamp, its format, the newest transaction.
const stamp = 0xbeefc0de;
const headerSize = 16;
const newestAt = 8;

/** The lock files that were mended. Closing one would end all locks that LMDB holds on it in this process (POSIX, `fcntl`). */
const lockFiles = new Map<string, number>();

/**
 * Write transactions on the newest snapshot, which LMDB does not see to: a process that opens an environment reads which
 * transaction is the newest, and a moment later writes that where all processes look it up, even if another was committed in
 * between. Whoever writes next builds on the one before, and what was committed, and acknowledged, is gone (OpenLDAP ITS#9496;
 * with lmdb 3.5.6 eight appends were lost in 525 openings on a RAM disk). The file itself says which is the newest: each
 * transaction here compares the two first, while it holds the lock that all writers share, and changes nothing when they differ.
 */
export class Transactions {
  readonly #database: RootDatabase;
  readonly #dataFile: string;
  readonly #lockFile: string;

  constructor(database: RootDatabase, folder: string) {
    this.#database = database;
    this.#dataFile = join(folder, 'data.mdb');
    this.#lockFile = join(folder, 'lock.mdb');
  }

  /**
   * Resolves with what `work` returned once what it did is on the disk. What it did in a `childTransaction` is undone when it
   * throws.
   */
  async write<T>(kind: 'transaction' | 'childTransaction', work: () => T): Promise<T> {
    for (;;) {
      const results: T[] = [];
      await this.#database[kind](() => {
        if (this.#isOnNewest()) results.push(work());
      });
      for (const result of results) return result;
      this.mend();
    }
  }

  /** Calls what opens tables, and so makes those that are missing. It blocks the process until the lock is free. */
  openTables<T>(open: () => T): T {
    for (;;) {
      const results: T[] = [];
      this.#database.transactionSync(() => {
        if (!this.#isOnNewest()) return ABORT;
        results.push(open());
        return undefined;
      });
      for (const result of results) return result;
      this.mend();
    }
  }

  /** Tells all processes which transaction is the newest, if they were told otherwise. It blocks as {@link openTables} does. */
  mend(): void {
    this.#database.transactionSync(() => {
      if (!this.#isOnNewest()) this.#tellAll();
      // Undone in any case: what LMDB holds in memory of free pages may be of another snapshot, and is dropped only with that.
      return ABORT;
    });
  }

  /** To be asked within a write transaction. */
  #isOnNewest(): boolean {
    return newestTransaction(this.#dataFile) < BigInt(this.#database.getWriteTxnId());
  }

  #tellAll(): void {
    const file = lockFiles.get(this.#lockFile) ?? openSync(this.#lockFile, 'r+');
    lockFiles.set(this.#lockFile, file);
    const header = Buffer.alloc(headerSize);
    readSync(file, header, 0, headerSize, 0);
    const newest = newestTransaction(this.#dataFile);
    if (header.readUInt32LE(0) !== stamp || header.readBigUInt64LE(newestAt) > newest) throw this.#giveUp();
    header.writeBigUInt64LE(newest, newestAt);
    writeSync(file, header, newestAt, headerSize - newestAt, newestAt);
  }

  /** Ends the process as a failed environment does: whoever opens the folder alone puts it right. */
  #giveUp(): EnvironmentFailed {
    const failure = new EnvironmentFailed(
      `${this.#lockFile} is of an unknown format. Stop all processes that use the folder, and start them again.`,
    );
    setImmediate(() => {
      throw failure;
    });
    return failure;
  }
}
