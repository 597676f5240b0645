import { randomUUID } from 'node:crypto';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { MessageWriter } from './protobuf.ts';
import { shared, streams } from './protocol.ts';

/** An event as a writer proposes it. */
export type Proposed = {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

/** A record of the log. */
export type LogRecord = {
  /** Its place among all records, from 0. */
  readonly index: number;
  /** Commit and prepare position alike: rising, with gaps. */
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  /** ms since the epoch */
  readonly created: number;
  /** The answer to a reader that holds it, serialized. The file keeps records in this form, too. */
  readonly wire: Uint8Array;
};

const ticksPerMillisecond = 10_000n;

/** The revision that EventStoreDB gives to the record of a tombstone: the greatest int64. */
const afterAll = 9223372036854775807n;
export const tombstoneType = '$streamDeleted';
export const metadataType = '$metadata';

export const jsonEvent = (type: string, json: string): Proposed => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(json),
  metadata: new Uint8Array(),
});

export type Place = Pick<LogRecord, 'index' | 'position' | 'stream' | 'revision' | 'created'>;

export function recorded({ index, position, stream, revision, created }: Place, event: Proposed): LogRecord {
  const { id, type } = event;
  const wire = encode({ position, stream, revision, created }, event);
  return { index, position, stream, revision, id, type, created, wire };
}

/** The bytes an event takes in the log, roughly: positions grow by it. */
export const sizeOf = ({ data, metadata }: Proposed): number => 128 + data.length + metadata.length;

const writer = new MessageWriter();

/** A `ReadResp`, byte for byte as the generated class would write it. */
function encode(
  { position, stream, revision, created }: Omit<Place, 'index'>,
  { id, type, contentType, data, metadata }: Proposed,
): Uint8Array {
  const recordedRevision = type === tombstoneType ? afterAll : revision;
  writer.nested(1, () => {
    writer.number(3, position);
    writer.nested(1, () => {
      if (data.length > 0) writer.bytes(8, data);
      if (metadata.length > 0) writer.bytes(7, metadata);
      entry('type', type);
      entry('created', String(BigInt(created) * ticksPerMillisecond));
      entry('content-type', contentType);
      if (position > 0) writer.number(5, position);
      if (position > 0) writer.number(4, position);
      if (recordedRevision > 0) writer.number(3, recordedRevision);
      writer.nested(2, () => writer.text(3, stream));
      writer.nested(1, () => writer.text(2, id));
    });
  });
  return writer.take();
}

function entry(key: string, value: string): void {
  writer.nested(6, () => {
    writer.text(2, value);
    writer.text(1, key);
  });
}

/** @throws {Error} the bytes hold no record */
export function decode(wire: Uint8Array, index: number): LogRecord {
  const event = eventIn(streams.ReadResp.deserializeBinary(wire));
  const metadata = event.getMetadataMap();
  return {
    index,
    position: Number(event.getCommitPosition()),
    stream: nameOf(event.getStreamIdentifier()),
    revision: Number(event.getStreamRevision()),
    id: event.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    created: Number(BigInt(metadata.get('created') ?? 0) / ticksPerMillisecond),
    wire,
  };
}

export const dataOf = ({ wire }: LogRecord): string =>
  Buffer.from(eventIn(streams.ReadResp.deserializeBinary(wire)).getData_asU8()).toString('utf8');

function eventIn(response: ReadResp): ReadResp.ReadEvent.RecordedEvent {
  const event = response.getEvent()?.getEvent();
  if (event === undefined) throw new Error('The log holds a record without an event.');
  return event;
}

type Identifier = InstanceType<typeof shared.StreamIdentifier>;

export const nameOf = (identifier: Identifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

export function identifierOf(stream: string): Identifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
  return identifier;
}
