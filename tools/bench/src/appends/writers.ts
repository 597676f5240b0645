import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@cartage/event-store';
import { Latencies, type Quantiles } from '../load/tally.ts';
import { type Appender, type AppenderKind, openAppender } from './appenders.ts';

/** What the program is asked: so many writers at once, each on a stream of its own, each waiting for its append. */
export type WriteJob = { readonly writers: number; readonly milliseconds: number };

/** `cpu`: this process's, µs. */
export type Written = {
  readonly appends: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly latency: Quantiles;
};

const [, , kind = '', place = ''] = process.argv;
const appender = await openAppender(kind as AppenderKind, place);
/** By stream; −1 before its first event. */
const revisions = new Map<string, number>();

async function write({ writers, milliseconds }: WriteJob): Promise<Written> {
  const start = performance.now();
  const before = process.cpuUsage();
  let appends = 0;
  const latencies = new Latencies();
  const writer = async (stream: string): Promise<void> => {
    while (performance.now() - start < milliseconds) {
      const began = performance.now();
      await appendNext(appender, stream);
      latencies.record(performance.now() - began);
      appends++;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, number) => writer(`cart-${number}`)));
  const { user, system } = process.cpuUsage(before);
  return {
    appends,
    seconds: (performance.now() - start) / 1000,
    cpu: user + system,
    latency: latencies.quantiles(),
  };
}

async function appendNext(to: Appender, stream: string): Promise<void> {
  const revision = revisions.get(stream) ?? -1;
  await to.append(stream, itemAdded(), revision);
  revisions.set(stream, revision + 1);
}

/** An event as the API stores it, in size and shape. */
const itemAdded = (): NewEvent => ({
  id: randomUUID(),
  type: 'ItemAdded',
  data: {
    line: { lineId: '85123A', sku: '85123A', quantity: 3 },
    added: 1,
    at: 1_900_000_000_000,
    expiresAt: 1_915_552_000_000,
  },
  metadata: { schema: 1, commandId: '6f1c1d5e-8a0b-4c39-9a44-0f3c2a1b7d10', commandHash: 'kC3hQ0rZ4bA7Jd1n' },
});

process.on('message', (job: WriteJob) => {
  void write(job).then((written) => process.send?.(written));
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => {
  void Promise.resolve(appender.close()).then(() => process.exit(0));
});
