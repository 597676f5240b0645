import { randomUUID } from 'node:crypto';
import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EventStore, NewEvent } from '@cartage/event-store';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EventStoreDbEventStore } from '@cartage/event-store-eventstoredb';
import EventStorage from 'event-storage';

/** Something that makes events durable. */
export type Appender = {
  /** Resolves when the event, the stream's next after `revision` (−1: its first), is on the disk. */
  append(stream: string, event: NewEvent, revision: number): Promise<unknown>;
  close(): Promise<void> | void;
};

export type AppenderKind =
  | 'embedded'
  | 'eventstoredb'
  | 'fdatasync'
  | 'event-storage-durable'
  | 'event-storage-one-file'
  | 'event-storage-default';

/** `place`: a folder, of EventStoreDB the URL. */
export async function openAppender(kind: AppenderKind, place: string): Promise<Appender> {
  switch (kind) {
    case 'embedded':
      return inStreamsOf(await EmbeddedEventStore.open(place));
    case 'eventstoredb':
      return inStreamsOf(await EventStoreDbEventStore.open(place), `bench-${randomUUID()}-`);
    case 'fdatasync':
      return openDisk(place);
    case 'event-storage-durable':
      return durably(await openEventStorage(place, inOneFile));
    case 'event-storage-one-file':
      return byItsOwnWord(await openEventStorage(place, inOneFile));
    case 'event-storage-default':
      return byItsOwnWord(await openEventStorage(place, {}));
  }
}

/** One fsync and not one per stream; a turn's writes fit into the buffer. */
const inOneFile = { partitioner: () => '', writeBufferSize: 1024 * 1024 };

const inStreamsOf = (store: EventStore, prefix = ''): Appender => ({
  append: (stream, event, revision) =>
    store.append(`${prefix}${stream}`, [event], revision < 0 ? 'none' : revision),
  close: () => store.close(),
});

async function openEventStorage(folder: string, tuning: object): Promise<EventStorage> {
  const store = new EventStorage('bench', {
    storageDirectory: folder,
    storageConfig: { syncOnFlush: true, ...tuning },
  });
  await new Promise<void>((resolve) => store.once('ready', resolve));
  return store;
}

/**
 * As `event-storage` acknowledges with `syncOnFlush`: its data file is synced, all writes of a turn together. Its indexes follow
 * within 100 ms, and what they do not name is gone: a process that was killed after 20 acknowledged commits came back with none.
 */
const byItsOwnWord = (store: EventStorage): Appender => ({
  append: (stream, event, revision) =>
    new Promise<void>((resolve) => {
      store.commit(stream, [event], revision + 1, () => resolve());
    }),
  close: () => store.close(),
});

/** Acknowledged as Cartage does: when a restart finds the event. Data and indexes are synced, once for all writes of a turn. */
function durably(store: EventStorage): Appender {
  let waiting: (() => void)[] = [];
  const flush = (): void => {
    const resolves = waiting;
    waiting = [];
    store.storage.flush();
    for (const resolve of resolves) resolve();
  };
  return {
    append: (stream, event, revision) =>
      new Promise<void>((resolve) => {
        store.commit(stream, [event], revision + 1, () => {});
        if (waiting.push(resolve) === 1) process.nextTick(flush);
      }),
    close: () => store.close(),
  };
}

/** What the disk can do for one writer who waits: 4 KiB written behind the last, synced. */
function openDisk(folder: string): Appender {
  const file = openSync(join(folder, 'disk'), 'w');
  const page = Buffer.alloc(4096, 1);
  const [writePage, sync] = [promisify(write), promisify(fdatasync)];
  return {
    append: async (_stream, _event, revision) => {
      await writePage(file, page, 0, page.length, (revision + 1) * page.length);
      await sync(file);
    },
    close: () => closeSync(file),
  };
}
