import type { Message } from 'google-protobuf';
import { Metadata, status as code, type ServiceError } from '@grpc/grpc-js';
import { anyType, empty, rpcCode, shared, status } from './protocol.ts';
import { identifierOf } from './record.ts';

/** Bytes of event data in one append. */
export const maxAppendSize = 1024 * 1024;

/** Fails a call the way EventStoreDB does: the client tells the kind by the metadata after the answer. */
function failure(
  status: code,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return Object.assign(new Error(details), { code: status, details, metadata });
}

// A header holds ASCII only.
const ascii = (stream: string): string => stream.replaceAll(/[^ -~]/g, '?');

export const streamDeleted = (stream: string): ServiceError =>
  failure(code.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': ascii(stream),
  });

export const wrongVersion = (stream: string, expected: number, actual: number): ServiceError =>
  failure(
    code.FAILED_PRECONDITION,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': ascii(stream),
      'expected-version': String(expected),
      ...(actual >= 0 && { 'actual-version': String(actual) }),
    },
  );

export const appendTooLarge = (): ServiceError =>
  failure(code.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendSize} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxAppendSize),
  });

export const notLeader = (host: string, port: number): ServiceError =>
  failure(code.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const notReady = (): ServiceError => failure(code.UNAVAILABLE, 'Server Is Not Ready');
export const timedOut = (what: string): ServiceError => failure(code.ABORTED, `Operation timed out: ${what}`);
export const invalid = (what: string): ServiceError => failure(code.INVALID_ARGUMENT, what);
export const unexpected = (what: string): ServiceError => failure(code.UNKNOWN, what);

export const tooSlow = (): ServiceError =>
  timedOut('Consumer too slow to handle event while live. Client resubscription required.');

type Status = InstanceType<typeof status.Status>;

/** Why one append of a batch call failed: the client tells the kind by the name of the packed message. */
function reason(name: string, details: Message, message: string): Status {
  const packed = new anyType.Any();
  packed.pack(details.serializeBinary(), name);
  const answer = new status.Status();
  answer.setCode(rpcCode.Code.UNKNOWN);
  answer.setMessage(message);
  answer.setDetails(packed);
  return answer;
}

const own = (name: string): string => `event_store.client.${name}`;

export function streamDeletedReason(stream: string): Status {
  const details = new shared.StreamDeleted();
  details.setStreamIdentifier(identifierOf(stream));
  return reason(own('StreamDeleted'), details, `Event stream '${stream}' is deleted.`);
}

export const wrongVersionReason = (details: InstanceType<typeof shared.WrongExpectedVersion>): Status =>
  reason(own('WrongExpectedVersion'), details, 'WrongExpectedVersion');

export function appendTooLargeReason(): Status {
  const details = new shared.MaximumAppendSizeExceeded();
  details.setMaxappendsize(maxAppendSize);
  return reason(own('MaximumAppendSizeExceeded'), details, 'Maximum Append Size Exceeded.');
}

export const timeoutReason = (): Status => reason(own('Timeout'), new shared.Timeout(), 'Timeout');

/** The client knows no such detail and answers "Could not recognize Server Is Not Ready". */
export const notReadyReason = (): Status =>
  reason('google.protobuf.Empty', new empty.Empty(), 'Server Is Not Ready');

export function badRequestReason(message: string): Status {
  const details = new shared.BadRequest();
  details.setMessage(message);
  return reason(own('BadRequest'), details, message);
}
