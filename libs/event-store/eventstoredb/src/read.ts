import { type Recorded, Unavailable } from '@cartage/event-store';
import {
  BACKWARDS,
  END,
  type RecordedEvent,
  StreamDeletedError,
  StreamNotFoundError,
  type StreamingRead,
} from '@eventstore/db-client';
import type { Client } from './client.ts';
import { positionOf, toRecorded } from './event.ts';
import type { Lane } from './lane.ts';

const eventsPerPage = 500;

/** Reads page by page: none stays open while the consumer works, and each has its time limit, for the driver knows none. */
export async function* readStream(lane: Lane, stream: string, from: number): AsyncGenerator<Recorded> {
  let next = BigInt(from);
  for (;;) {
    const page = await readPage(lane, stream, next);
    for (const event of page) yield toRecorded(event);
    const last = page.at(-1);
    if (!last || page.length < eventsPerPage) return;
    next = last.revision + 1n;
  }
}

function readPage(lane: Lane, stream: string, fromRevision: bigint): Promise<readonly RecordedEvent[]> {
  return lane.run((client) =>
    eventsOf(
      client,
      client.readStream(stream, { fromRevision, maxCount: eventsPerPage, requiresLeader: true }),
    ),
  );
}

/** The last event of a stream; undefined when there is none to see. */
export async function lastEvent(lane: Lane, stream: string): Promise<RecordedEvent | undefined> {
  const events = await lane.run((client) =>
    eventsOf(
      client,
      client.readStream(stream, {
        fromRevision: END,
        direction: BACKWARDS,
        maxCount: 1,
        requiresLeader: true,
      }),
    ),
  );
  return events[0];
}

/** The event at that revision; undefined when it is not to be seen. */
export async function eventAt(
  lane: Lane,
  stream: string,
  revision: number,
): Promise<RecordedEvent | undefined> {
  const options = { fromRevision: BigInt(revision), maxCount: 1, requiresLeader: true };
  const [event] = await lane.run((client) => eventsOf(client, client.readStream(stream, options)));
  return event;
}

/** The position of the last event of the log, whoever's it is; −1n when there is none. */
export async function headOf(lane: Lane): Promise<bigint> {
  const [last] = await lane.run((client) =>
    eventsOf(
      client,
      client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1, requiresLeader: true }),
    ),
  );
  return last ? positionOf(last) : -1n;
}

/** All events of a read; none where the stream is absent or deleted. */
function eventsOf(
  client: Client,
  reading: StreamingRead<{ event?: RecordedEvent }>,
): Promise<readonly RecordedEvent[]> {
  return new Promise((resolve, reject) => {
    const events: RecordedEvent[] = [];
    reading
      .on('data', ({ event }) => {
        if (event) events.push(event);
      })
      // Stays for good: the driver may tell of an error when nobody waits any more.
      .on('error', (error) => {
        if (error instanceof StreamNotFoundError || error instanceof StreamDeletedError) resolve([]);
        else reject(error);
      })
      .on('end', () => {
        if (client.retired) reject(new Unavailable('The connection was given up while this was read.'));
        else resolve(events);
      });
  });
}
