import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, Unavailable } from '@cartage/event-store';
import { commitFailure, Transactions } from '@cartage/lmdb-folder';
import type { RootDatabase } from 'lmdb';

type Write<Transaction> = {
  readonly bytes: number;
  run(transaction: Transaction): void;
  succeed(): void;
  fail(reason: Error): void;
};

const bytesPerCommit = 16 * 1_048_576;
const overdueAfter = 5_000; // ms
const readerCheckEvery = 10_000; // ms
/** lmdb prints a line for each commit that fails: on a full disk this keeps it to ten a second. */
const pauseAfterFailure = 100; // ms

/**
 * Writes that arrive while a commit is under way wait and go together in the next one, in the order they came. Each is all or
 * nothing, and settles after the commit is on the disk. Only the short time in which writes run blocks the event loop, not the
 * wait for the lock that processes share, nor the flush.
 */
export class Commits<Transaction> {
  readonly #database: RootDatabase;
  readonly #transactions: Transactions;
  readonly #folder: string;
  readonly #begin: () => Transaction;
  #waiting: Write<Transaction>[] = [];
  #running: Promise<void> | undefined;
  #overdue: Unavailable | undefined;
  #readersChecked = 0;

  /** `begin` is called within each write transaction, before its writes. */
  constructor(database: RootDatabase, folder: string, begin: () => Transaction) {
    this.#database = database;
    this.#transactions = new Transactions(database, folder);
    this.#folder = folder;
    this.#begin = begin;
  }

  /**
   * Resolves with what `work` returns, or rejects with the error it returns: its neighbours are not touched by that. When it
   * throws, the whole commit is undone.
   */
  submit<T>(bytes: number, work: (transaction: Transaction) => T): Promise<Exclude<T, Error>> {
    if (this.#overdue) return Promise.reject(this.#overdue);
    return new Promise((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        bytes,
        run: (transaction) => (result = work(transaction)),
        succeed: () => (result instanceof Error ? reject(result) : resolve(result as Exclude<T, Error>)),
        fail: reject,
      });
      this.#running ??= this.#commitAll();
    });
  }

  /** Resolves when nothing is waiting and nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit();
    this.#running = undefined;
  }

  async #commit(): Promise<void> {
    let taken: Write<Transaction>[] = [];
    const timer = setTimeout(() => this.#giveUp(taken), overdueAfter);
    try {
      this.#checkReaders();
      // A child transaction, because only such a one is undone when its function throws.
      await this.#transactions.write('childTransaction', () => {
        taken = this.#take();
        const transaction = this.#begin();
        for (const write of taken) write.run(transaction);
      });
      for (const write of taken) write.succeed();
    } catch (error) {
      const reason = await commitFailure(error, this.#folder);
      for (const write of taken.length > 0 ? taken : this.#take()) write.fail(reason);
      if (hasCode(reason, 'unavailable')) await sleep(pauseAfterFailure);
    } finally {
      clearTimeout(timer);
      this.#overdue = undefined;
    }
  }

  #take(): Write<Transaction>[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((write) => (bytes += write.bytes) > bytesPerCommit);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1));
  }

  /** A process that was stopped while it held the lock holds everybody up: say so, rather than let callers pile up. */
  #giveUp(taken: readonly Write<Transaction>[]): void {
    this.#overdue = new Unavailable(
      `Writing to ${this.#folder} has taken over ${overdueAfter / 1000} s. Is another process stopped that holds its lock, or the disk stuck?`,
    );
    for (const write of [...taken, ...this.#waiting.splice(0)]) write.fail(this.#overdue);
  }

  /** A process that was killed while it read would keep the pages it read from being used again. */
  #checkReaders(): void {
    if (Date.now() - this.#readersChecked < readerCheckEvery) return;
    this.#readersChecked = Date.now();
    this.#database.readerCheck();
  }
}
