import { offPeak } from '@cartage/cart';
import { EventStoreDbEventStore } from '@cartage/event-store-eventstoredb';
import { Projection } from '@cartage/projection';
import { EventStoreDBClient, START, streamNameFilter } from '@eventstore/db-client';
import { NullStore } from './null-store.ts';

export type Follower = 'subscribe' | 'follow' | 'project';

/** What the program is asked: to take in all cart events up to a position, in digits. */
export type CatchUp = { readonly follower: Follower; readonly end: string };

/** `cpu`: this process's, µs. */
export type CaughtUp = { readonly events: number; readonly seconds: number; readonly cpu: number };

const [, , url = ''] = process.argv;
const prefixes = ['cart-'];

/** Answers the number of events. */
const followers: Readonly<Record<Follower, (end: bigint) => Promise<number>>> = {
  /** The driver alone, as its documentation has it. */
  subscribe: async (end) => {
    const client = EventStoreDBClient.connectionString(url);
    let events = 0;
    const subscription = client.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({ prefixes }),
    });
    for await (const { event } of subscription) {
      if (event) events += 1;
      if ((event?.position?.commit ?? -1n) >= end) break;
    }
    await subscription.unsubscribe();
    await client.dispose();
    return events;
  },
  follow: async (end) => {
    const store = await EventStoreDbEventStore.open(url);
    let count = 0;
    for await (const { events, position } of store.follow(undefined, { prefixes })) {
      count += events.length;
      if (position >= end) break;
    }
    await store.close();
    return count;
  },
  project: async (end) => {
    const events = await EventStoreDbEventStore.open(url);
    const ending = new AbortController();
    const store = new NullStore((position) => position >= end && ending.abort());
    const onError = (error: Error): void => {
      throw error;
    };
    await new Projection({ events, store, purgeWindow: offPeak, onError }).run(ending.signal);
    await events.close();
    return store.events;
  },
};

async function catchUp({ follower, end }: CatchUp): Promise<CaughtUp> {
  const start = performance.now();
  const before = process.cpuUsage();
  const events = await followers[follower](BigInt(end));
  const { user, system } = process.cpuUsage(before);
  return { events, seconds: (performance.now() - start) / 1000, cpu: user + system };
}

process.on('message', (job: CatchUp) => {
  void catchUp(job).then((caughtUp) => process.send?.(caughtUp));
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
