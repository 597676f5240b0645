import { EventTooLarge, hasCode, Unavailable } from '@cartage/event-store';
import {
  AccessDeniedError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';

/** Whether the server itself decided: the connection works, and asking again would get the same answer. */
export const isAnswer = (error: unknown): boolean =>
  error instanceof WrongExpectedVersionError ||
  error instanceof MaxAppendSizeExceededError ||
  error instanceof StreamDeletedError ||
  error instanceof StreamNotFoundError ||
  isDenied(error) ||
  // The driver goes to the leader by itself.
  error instanceof NotLeaderError;

/** gRPC's PERMISSION_DENIED and UNAUTHENTICATED: the driver hands some of them on as they came. */
const deniedCodes: readonly unknown[] = [7, 16];

const isDenied = (error: unknown): boolean =>
  error instanceof AccessDeniedError ||
  (error instanceof Error && 'code' in error && deniedCodes.includes(error.code));

/**
 * What the driver's error means. Whatever is not known to be an answer leaves the outcome unknown: a server that is down is
 * told by a plain `Error` of code 14, one that starts by an `UnknownError`.
 */
export function toStoreError(error: unknown, place: string): Error {
  if (hasCode(error, 'unavailable')) return error;
  if (error instanceof MaxAppendSizeExceededError)
    return new EventTooLarge(
      `The events are over the server's limit of ${error.maxAppendSize} bytes for an append; nothing was written.`,
    );
  if (error instanceof StreamDeletedError)
    return new Error(
      `The stream ${error.streamName} was tombstoned: EventStoreDB never takes an event for it again. Only a restored backup brings it back.`,
    );
  if (isDenied(error))
    return new Unavailable(
      `${place} refuses these credentials, or their user may not do this. Give them in the URL, or as EVENT_STORE_USERNAME and EVENT_STORE_PASSWORD.`,
    );
  if (error instanceof NotLeaderError)
    return new Unavailable(`${place} is not the cluster's leader; the next attempt goes to the one that is.`);
  return new Unavailable(`${place} ${explain(saidBy(error))}`);
}

const saidBy = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const details = 'details' in error && typeof error.details === 'string' ? error.details : error.message;
  return details
    .replace(/ Resolution note: *$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
};

/** What usually is behind a message of gRPC, TLS or the network. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/not ready/i, 'is starting and not ready yet'],
  [/ECONNREFUSED/, 'cannot be reached: nothing listens there'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, 'cannot be reached: no such host'],
  [/wrong version number|packet length too long|EPROTO/, 'does not speak TLS: should the URL say tls=false?'],
  [
    /certificate|self.signed|issuer|altnames/i,
    'shows a certificate that is not trusted: name its authority’s with tlsCaFile=<PEM file>',
  ],
  [/UNIMPLEMENTED|HTTP status code|Protocol error|Parse Error/i, 'is a server of another kind'],
  [
    /ECONNRESET|socket hang up|Connection dropped|Failed to connect|closed/i,
    'ended the connection; if it always does, it expects TLS (tls=true) or is a server of another kind',
  ],
  [/discover/, 'cannot be reached: no node of the cluster answered'],
];

function explain(said: string): string {
  if (said === '') return 'refused this without saying why: it may be starting.';
  const cause = causes.find(([pattern]) => pattern.test(said))?.[1];
  return cause === undefined ? `does not answer as expected: ${said}` : `${cause} (${said})`;
}
