import type { Recorded } from '@cartage/event-store';
import { parseUUID } from '@eventstore/db-client/dist/utils/grpcUUID.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { readFields } from './read-fields.ts';

/** What the server says to a follower. */
export type LogMessage =
  | { readonly kind: 'event'; readonly event: Recorded }
  /** All up to there was looked at. */
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  | { readonly kind: 'caughtUp' | 'fellBehind' | 'other' };

/**
 * A `ReadResp`, from protocol buffers' wire format: the generated classes, and what the driver makes of them, take four times as long.
 *
 * @throws {RangeError} the bytes are none
 */
export function logMessageIn(bytes: Buffer): LogMessage {
  let message: LogMessage = { kind: 'other' };
  readFields(bytes, 0, bytes.length, (field, from, to) => {
    if (field === 1) message = eventIn(bytes, from, to);
    else if (field === 3) message = { kind: 'checkpoint', position: commitIn(bytes, from, to) };
    else if (field === 8) message = { kind: 'caughtUp' };
    else if (field === 9) message = { kind: 'fellBehind' };
  });
  return message;
}

function commitIn(bytes: Buffer, start: number, end: number): bigint {
  let position = 0;
  readFields(bytes, start, end, (field, value) => {
    if (field === 1) position = value;
  });
  return BigInt(position);
}

/** A link that leads nowhere has no event. */
function eventIn(bytes: Buffer, start: number, end: number): LogMessage {
  let message: LogMessage = { kind: 'other' };
  readFields(bytes, start, end, (field, from, to) => {
    if (field === 1) message = { kind: 'event', event: recordedIn(bytes, from, to) };
  });
  return message;
}

function recordedIn(bytes: Buffer, start: number, end: number): Recorded {
  let [id, type, contentType, created, stream] = ['', '', '', '', ''];
  let [revision, position] = [0, 0];
  let [data, metadata] = [none, none];
  readFields(bytes, start, end, (field, from, to) => {
    if (field === 1) id = idIn(bytes, from, to);
    else if (field === 2) stream = textIn(bytes, from, to, 3);
    else if (field === 3) revision = from;
    else if (field === 5) position = from;
    else if (field === 6) {
      const key = textIn(bytes, from, to, 1);
      if (key === 'type') type = textIn(bytes, from, to, 2);
      else if (key === 'content-type') contentType = textIn(bytes, from, to, 2);
      else if (key === 'created') created = textIn(bytes, from, to, 2);
    } else if (field === 7) metadata = bytes.subarray(from, to);
    else if (field === 8) data = bytes.subarray(from, to);
  });
  return {
    id,
    type,
    data: contentType === 'application/json' ? parsed(data) : Uint8Array.from(data),
    metadata: metadata.length > 0 ? parsed(metadata) : undefined,
    stream,
    revision,
    position: BigInt(position),
    // .NET's ticks, of 100 ns: more of them than a number counts exactly.
    recordedAt: Number(created.slice(0, -4)),
  };
}

const none: Buffer = Buffer.alloc(0);

function idIn(bytes: Buffer, start: number, end: number): string {
  const text = textIn(bytes, start, end, 2);
  if (text !== '') return text;
  return parseUUID(shared.UUID.deserializeBinary(Uint8Array.from(bytes.subarray(start, end))));
}

function textIn(bytes: Buffer, start: number, end: number, wanted: number): string {
  let text = '';
  readFields(bytes, start, end, (field, from, to) => {
    if (field === wanted) text = bytes.toString('utf8', from, to);
  });
  return text;
}

/** What is not JSON after all stays the text it is: whoever wrote it, the reader validates. */
function parsed(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
