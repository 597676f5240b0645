import { checkStream, EventTooLarge, limits, type NewEvent, type Recorded } from '@cartage/event-store';
import type { RecordedEvent } from '@eventstore/db-client';

/** @throws {RangeError} no name of a stream, or the name of one that EventStoreDB keeps for itself */
export function checkName(stream: string): void {
  checkStream(stream);
  if (isSystem(stream))
    throw new RangeError(`Streams whose names begin with $ are EventStoreDB's own: ${stream}.`);
}

/** Metadata, statistics, settings, projections: streams of the server's own, which share its log. */
export const isSystem = (stream: string): boolean => stream.startsWith('$');

/** An event as it goes to the server: its parts are JSON in UTF-8. */
export type Proposed = {
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
};

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * What the server refuses as malformed ends everybody's batch call: so it is found here.
 *
 * @throws {EventTooLarge} `data` or `metadata` is over the limit
 * @throws {RangeError} the id is no UUID, the type is empty, or a part is not JSON
 */
export function toProposed({ id, type, data, metadata }: NewEvent): Proposed {
  if (!uuid.test(id)) throw new RangeError(`An event's id must be a UUID, not "${id}".`);
  if (type === '') throw new RangeError('An event needs a type; it was empty.');
  return { id, type, data: jsonOf(type, data), metadata: jsonOf(type, metadata) };
}

function jsonOf(type: string, part: object): Buffer {
  const json: string | undefined = JSON.stringify(part);
  if (json === undefined) throw new RangeError(`A ${type} cannot be stored: it is not JSON.`);
  const bytes = Buffer.from(json);
  if (bytes.length > limits.eventBytes)
    throw new EventTooLarge(
      `A ${type} of ${bytes.length} bytes is over the limit of ${limits.eventBytes}; nothing was written.`,
    );
  return bytes;
}

/** `data` that is not JSON stays the bytes it is: whoever wrote it, the reader validates. */
export function toRecorded(event: RecordedEvent): Recorded {
  return {
    id: event.id,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
    stream: event.streamId,
    revision: Number(event.revision),
    position: positionOf(event),
    recordedAt: event.created.getTime(),
  };
}

/** @throws an error: the server is too old to tell */
export function positionOf({ position }: RecordedEvent): bigint {
  if (!position)
    throw new Error('This EventStoreDB does not tell positions: version 22.10 or newer is needed.');
  return position.commit;
}
