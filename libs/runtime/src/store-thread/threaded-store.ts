import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type CartView, partsOf } from '@cartage/cart';
import type { BucketRange, Parked, PutMode, PutResult, ReadStore } from '@cartage/read-store';
import { inLanes, newestOf, Unavailable } from '@cartage/read-store/adapting';
import type { StoreUrl } from '../store-url.ts';
import type { Answer, Call, Failure, Remote, Task } from './messages.ts';

/** Views that are copied to the thread as one; while it writes them, the next are on their way. A courteous one rests after each. */
const viewsPerPart = { courteous: 1_000, otherwise: 5_000 };
const partsUnderWay = 2;

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

export type ThreadOptions = {
  /** Rests while others need the processors of this machine; not by default. */
  readonly courteous?: boolean;
  /** Options of Node.js for the thread; this process's by default. */
  readonly execArgv?: readonly string[];
};

/**
 * A read store whose driver works in a thread of its own: whoever fills it goes on with what comes next meanwhile, on another
 * processor where there is one. It differs from the store itself only in what the copies cost, a few µs a view.
 */
export class ThreadedStore implements ReadStore {
  readonly nativeTtl: boolean;
  readonly #thread: Thread;
  readonly #perPart: number;
  #scans = 0;
  #closing: Promise<void> | undefined;

  private constructor(thread: Thread, perPart: number, nativeTtl: boolean) {
    this.#thread = thread;
    this.#perPart = perPart;
    this.nativeTtl = nativeTtl;
  }

  /** Rejects as `openReadStore` does. */
  static async open(store: StoreUrl, options: ThreadOptions = {}): Promise<ThreadedStore> {
    const { courteous = false, execArgv } = options;
    const thread = new Thread({ store, courteous }, execArgv);
    try {
      const perPart = viewsPerPart[courteous ? 'courteous' : 'otherwise'];
      return new ThreadedStore(thread, perPart, await thread.ask('open'));
    } catch (error) {
      await thread.end();
      throw error;
    }
  }

  get(id: string): Promise<CartView | undefined> {
    return this.#thread.ask('get', id);
  }

  getMany(ids: readonly string[]): Promise<readonly (CartView | undefined)[]> {
    return this.#thread.ask('getMany', ids);
  }

  list(owner: string): Promise<readonly CartView[]> {
    return this.#thread.ask('list', owner);
  }

  async put(views: readonly CartView[], mode: PutMode): Promise<PutResult> {
    if (views.length <= this.#perPart) return this.#thread.ask('put', views, mode);
    // What a store does with all that it is given, and cannot with a part: it refuses before it writes, and keeps the newest.
    for (const { id } of views) partsOf(id);
    const newest = newestOf(views);
    const parts: (readonly CartView[])[] = [];
    for (let at = 0; at < newest.length; at += this.#perPart)
      parts.push(newest.slice(at, at + this.#perPart));
    const total = { written: 0, stale: views.length - newest.length, oversized: [] as string[] };
    await inLanes(partsUnderWay, parts, async (part) => {
      const { written, stale, oversized } = await this.#thread.ask('put', part, mode);
      total.written += written;
      total.stale += stale;
      total.oversized.push(...oversized);
    });
    return total;
  }

  async *scan(buckets?: BucketRange): AsyncIterable<readonly CartView[]> {
    this.#scans += 1;
    const scan = this.#scans;
    await this.#thread.ask('beginScan', scan, buckets);
    try {
      for (let page; (page = await this.#thread.ask('nextPage', scan));) yield page;
    } finally {
      await this.#thread.ask('endScan', scan);
    }
  }

  checkpoints(): Promise<ReadonlyMap<string, bigint>> {
    return this.#thread.ask('checkpoints');
  }

  saveCheckpoint(name: string, position: bigint): Promise<void> {
    return this.#thread.ask('saveCheckpoint', name, position);
  }

  parked(): Promise<readonly Parked[]> {
    return this.#thread.ask('parked');
  }

  park(entry: Parked): Promise<void> {
    return this.#thread.ask('park', entry);
  }

  unpark(id: string): Promise<void> {
    return this.#thread.ask('unpark', id);
  }

  provision(): Promise<void> {
    return this.#thread.ask('provision');
  }

  drop(): Promise<void> {
    return this.#thread.ask('drop');
  }

  close(): Promise<void> {
    this.#closing ??= this.#thread.end();
    return this.#closing;
  }

  purge(before: number, limit: number): Promise<number> {
    return this.#thread.ask('purge', before, limit);
  }
}

/** The thread, asked and answering. An error that nobody caught in it ends this process, as one of its own would. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<unknown>;
  #asked = 0;
  /** Why nothing more can be asked. */
  #over: Error | undefined;

  constructor(workerData: Task, execArgv?: readonly string[]) {
    // Beside this file, be it the source or what was made of it.
    const program = new URL(`thread${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(program, { workerData, ...(execArgv && { execArgv: [...execArgv] }) });
    this.#ended = once(this.#worker, 'exit');
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.on('message', (answer: Answer) => this.#take(answer));
  }

  ask<C extends Call>(call: C, ...args: Parameters<Remote[C]>): ReturnType<Remote[C]> {
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve, reject });
      this.#worker.postMessage({ id: this.#asked, call, args });
    });
    return answer as ReturnType<Remote[C]>;
  }

  async end(): Promise<void> {
    const closed = this.ask('close');
    this.#over ??= new Unavailable('The read store is closed.');
    try {
      await closed;
    } finally {
      await this.#ended;
    }
  }

  #fail(error: Error): void {
    this.#over = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('failure' in answer) waiting?.reject(revived(answer.failure));
    else waiting?.resolve(answer.value);
  }
}

const revived = ({ message, ...failure }: Failure): Error => Object.assign(new Error(message), failure);
