import { parentPort, workerData } from 'node:worker_threads';
import type { CartView } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import { Courtesy } from '../courtesy.ts';
import { openReadStore } from '../stores.ts';
import type { Answer, Failure, Question, Remote, Task } from './messages.ts';

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');
const task = workerData as Task;
const courtesy = task.courteous ? new Courtesy() : undefined;
let opened: ReadStore | undefined;
let writing: Promise<unknown> = Promise.resolve();
const scans = new Map<number, AsyncIterator<readonly CartView[]>>();

function store(): ReadStore {
  if (!opened) throw new Error('The store of this thread is not open.');
  return opened;
}

const remote: Remote = {
  open: async () => {
    opened = await openReadStore(task.store);
    return opened.nativeTtl;
  },
  get: (id) => store().get(id),
  getMany: (ids) => store().getMany(ids),
  list: (owner) => store().list(owner),
  put: (views, mode) => {
    // One after the other: the next part of what is put is here already when the engine has taken the one before.
    const put = writing.then(() => store().put(views, mode));
    writing = put.catch(() => undefined).then(() => courtesy?.rest());
    return put;
  },
  checkpoints: () => store().checkpoints(),
  saveCheckpoint: (name, position) => store().saveCheckpoint(name, position),
  parked: () => store().parked(),
  park: (entry) => store().park(entry),
  unpark: (id) => store().unpark(id),
  provision: () => store().provision(),
  drop: () => store().drop(),
  purge: (before, limit) => store().purge(before, limit),
  beginScan: async (scan, buckets) => {
    scans.set(scan, store().scan(buckets)[Symbol.asyncIterator]());
  },
  nextPage: async (scan) => (await scans.get(scan)?.next())?.value,
  endScan: async (scan) => {
    await scans.get(scan)?.return?.();
    scans.delete(scan);
  },
  close: async () => {
    // What was put before it is written, though its turn has not come yet.
    await writing;
    await opened?.close();
  },
};

async function answerTo({ id, call, args }: Question): Promise<Answer> {
  try {
    // The types of a question fit together, which the compiler cannot see of their union.
    const perform = remote[call] as (...args: Question['args']) => Promise<unknown>;
    return { id, value: await perform(...args) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return {
    name,
    message,
    ...('code' in error && { code: error.code }),
    ...('throttled' in error && { throttled: error.throttled }),
  };
}

port.on('message', (question: Question) => {
  void answerTo(question).then((answer) => {
    port.postMessage(answer);
    if (question.call === 'close') port.close();
  });
});
