import { readFileSync } from 'node:fs';

/** Something to be done with each of many carts, told by their number, `batch` of them at a time and `lanes` batches at once. */
export type Work = {
  readonly batch: number;
  readonly lanes: number;
  readonly run: (from: number, count: number) => Promise<unknown>;
};

/** `cpu`: this process's, µs. `bytes`: written to and read from sockets; NaN where they cannot be read. */
export type Done = {
  readonly carts: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly bytes: number;
};

/** Goes over the carts once. */
export const once = (work: Work, carts: number): Promise<Done> => measured(work, carts, false, () => true);

/** Goes over the carts again and again for so many ms, and ends what is under way then. */
export async function during(milliseconds: number, work: Work, carts: number): Promise<Done> {
  const end = performance.now() + milliseconds;
  return await measured(work, carts, true, () => performance.now() < end);
}

async function measured(work: Work, carts: number, repeats: boolean, isTime: () => boolean): Promise<Done> {
  const [start, before, bytes] = [performance.now(), process.cpuUsage(), bytesMoved()];
  let done = 0;
  const queue = batchesOf(carts, work.batch, repeats);
  const lane = async (): Promise<void> => {
    for (const { from, count } of queue) {
      await work.run(from, count);
      done += count;
      if (!isTime()) return;
    }
  };
  await Promise.all(Array.from({ length: work.lanes }, lane));
  const { user, system } = process.cpuUsage(before);
  return {
    carts: done,
    seconds: (performance.now() - start) / 1000,
    cpu: user + system,
    bytes: bytesMoved() - bytes,
  };
}

type Batch = { readonly from: number; readonly count: number };

function batchesOf(carts: number, size: number, repeats: boolean): Iterable<Batch> {
  let next = 0;
  // No generator: a lane that ends would end it for the others.
  const iterator: IterableIterator<Batch> = {
    [Symbol.iterator]: () => iterator,
    next: () => {
      if (next >= carts && repeats) next = 0;
      if (next >= carts) return { done: true, value: undefined };
      const from = next;
      next = Math.min(from + size, carts);
      return { done: false, value: { from, count: next - from } };
    },
  };
  return iterator;
}

/** What this process has read and written so far, files included: proc_pid_io(5). A client touches none while it is measured. */
function bytesMoved(): number {
  try {
    const io = readFileSync('/proc/self/io', 'utf8');
    return Number(/^rchar: (\d+)$/m.exec(io)?.[1]) + Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
  } catch {
    return Number.NaN;
  }
}
