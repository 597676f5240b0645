import type { Expected } from './append-rules.ts';
import type { timeoutReason } from './failures.ts';
import { MessageWriter, readFields } from './protobuf.ts';
import { shared, streams } from './protocol.ts';
import { identifierOf, type Proposed } from './record.ts';

export type BatchOptions = {
  readonly stream: string;
  readonly expected: Expected;
  /** ms since the epoch */
  readonly deadline: number;
};

/** A `BatchAppendReq`: an append, or a part of one. */
export type BatchRequest = {
  readonly correlation: string;
  /** With the first part. */
  readonly options: BatchOptions | undefined;
  readonly events: readonly Proposed[];
  readonly isFinal: boolean;
};

/** @throws {RangeError} the bytes are none */
export function requestIn(message: Buffer): BatchRequest {
  let [correlation, isFinal] = ['', false];
  let options: BatchOptions | undefined;
  const events: Proposed[] = [];
  readFields(message, (field, bytes, number) => {
    if (field === 1) correlation = uuidIn(bytes);
    else if (field === 2) options = optionsIn(bytes);
    else if (field === 3) events.push(proposedIn(bytes));
    else if (field === 4) isFinal = number !== 0;
  });
  return { correlation, options, events, isFinal };
}

/** Only in its written form: the client sends no other. */
function uuidIn(message: Buffer): string {
  let uuid = '';
  readFields(message, (field, bytes) => {
    if (field === 2) uuid = bytes.toString();
  });
  return uuid;
}

function optionsIn(message: Buffer): BatchOptions {
  let stream = '';
  let expected: Expected = 'any';
  let deadline = Infinity;
  readFields(message, (field, bytes, number) => {
    if (field === 1) stream = streamIn(bytes);
    else if (field === 2) expected = number;
    else if (field === 3) expected = 'no_stream';
    else if (field === 5) expected = 'stream_exists';
    else if (field === 6) deadline = timestampIn(bytes);
  });
  return { stream, expected, deadline };
}

function streamIn(message: Buffer): string {
  let name = '';
  readFields(message, (field, bytes) => {
    if (field === 3) name = bytes.toString();
  });
  return name;
}

function timestampIn(message: Buffer): number {
  let milliseconds = 0;
  readFields(message, (field, _, number) => {
    if (field === 1) milliseconds += number * 1_000;
    else if (field === 2) milliseconds += number / 1_000_000;
  });
  return milliseconds;
}

function proposedIn(message: Buffer): Proposed {
  let [id, type, contentType] = ['', '', ''];
  let [data, metadata] = [noBytes, noBytes];
  readFields(message, (field, bytes) => {
    if (field === 1) id = uuidIn(bytes).toLowerCase();
    else if (field === 2) {
      const [key, value] = entryIn(bytes);
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (field === 3) metadata = bytes;
    else if (field === 4) data = bytes;
  });
  return { id, type, contentType, data, metadata };
}

const noBytes: Buffer = Buffer.alloc(0);

function entryIn(message: Buffer): readonly [string, string] {
  let [key, value] = ['', ''];
  readFields(message, (field, bytes) => {
    if (field === 1) key = bytes.toString();
    else if (field === 2) value = bytes.toString();
  });
  return [key, value];
}

type To = { readonly correlation: string; readonly stream: string };

const writer = new MessageWriter();

/** A `BatchAppendResp` that tells of success; `revision` is −1 of a stream without events. */
export function success({ correlation, stream }: To, revision: number, position: number | undefined): Buffer {
  writer.nested(4, () => writer.text(3, stream));
  writer.nested(3, () => {
    if (position === undefined) writer.text(4, '');
    else
      writer.nested(3, () => {
        writer.number(2, position);
        writer.number(1, position);
      });
    if (revision < 0) writer.text(2, '');
    else writer.number(1, revision);
  });
  writer.nested(1, () => writer.text(2, correlation));
  return writer.take();
}

/** A `BatchAppendResp` that tells why it failed. */
export function failure({ correlation, stream }: To, reason: ReturnType<typeof timeoutReason>): Buffer {
  const response = new streams.BatchAppendResp();
  const id = new shared.UUID();
  id.setString(correlation);
  response.setCorrelationId(id);
  response.setStreamIdentifier(identifierOf(stream));
  response.setError(reason);
  return Buffer.from(response.serializeBinary());
}
