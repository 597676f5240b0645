import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Recorded } from '@cartage/event-store';
import { type Log, missing, positionKey } from './log.ts';
import { decode, verify } from './record.ts';

const eventsPerPage = 500;
const bytesPerPage = 4 * 1_048_576;

/** Reads page by page: no snapshot stays open while the consumer works. `view` runs a page's reading. */
export async function* readStream(
  view: <T>(look: (log: Log) => T) => T,
  stream: string,
  from: number,
): AsyncGenerator<Recorded> {
  let next = view((log) => Math.max(from, log.truncatedBefore(stream)));
  for (;;) {
    const page = view((log) => readPage(log, stream, next));
    yield* page.events;
    if (page.last) return;
    next += page.events.length;
    await nextTurn();
  }
}

function readPage(log: Log, stream: string, from: number): { events: Recorded[]; last: boolean } {
  const events: Recorded[] = [];
  let bytes = 0;
  for (const position of log.positions(stream, from, eventsPerPage)) {
    const record = log.events.getBinary(positionKey(position));
    if (record === undefined) throw missing(stream, from + events.length);
    verify(record, position);
    const event = decode(record);
    if (event.stream !== stream || event.revision !== from + events.length)
      throw missing(stream, from + events.length);
    events.push(event);
    bytes += record.length;
    if (bytes > bytesPerPage) return { events, last: false };
  }
  return { events, last: events.length < eventsPerPage };
}
