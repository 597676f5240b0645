import { Unavailable } from '@cartage/read-store/adapting';
import { BSON, MongoError, MongoNetworkError, MongoNetworkTimeoutError } from 'mongodb';

/** Whether another attempt may mend it at once: a lost connection, a primary that is none any more. */
export const isTransient = (error: unknown): boolean =>
  (error instanceof MongoNetworkError && !(error instanceof MongoNetworkTimeoutError)) ||
  isLabelled(error, 'RetryableWriteError') ||
  transient.includes(codeOf(error));

/**
 * NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary,
 * PrimarySteppedDown, ShutdownInProgress; and a socket's own errors, which the driver hands on when they meet a write.
 */
const transient = ['10107', '11600', '11602', '13435', '13436', '189', '91', 'ECONNRESET', 'EPIPE'];

/** IngressRequestRateLimitExceeded; RequestRateTooLarge of Azure's Cosmos DB. */
const throttling = ['462', '16500'];

/**
 * What the driver's error means. Whatever the engine or the way to it fails with leaves the outcome unknown; a mistake in
 * what was to be sent stays what it is.
 */
export function toStoreError(error: unknown, place: string): unknown {
  if ([BSON.BSONError, TypeError, RangeError].some((mistake) => error instanceof mistake)) return error;
  // A refused connection bears the label too: there nobody asked for less.
  const throttled =
    throttling.includes(codeOf(error)) ||
    (isLabelled(error, 'SystemOverloadedError') && !(error instanceof MongoNetworkError));
  return new Unavailable(`${place} ${explain(error)}`, { cause: error, throttled });
}

const isLabelled = (error: unknown, label: string): boolean =>
  error instanceof MongoError && error.hasErrorLabel(label);

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? `${code}` : '';
}

/** What usually is behind a code or a message of the server, TLS or the network. */
const causes: readonly (readonly [RegExp, string])[] = [
  [
    /^18 |^13 |^8000 |saslStart|Authentication failed|not authorized|requires authentication/i,
    'refuses these credentials, or their user may not do this: give them in the URL, with authSource=<database> where their user is kept',
  ],
  [
    /certificate|self.signed|issuer|altnames/i,
    'shows a certificate that is not trusted: name its authority’s with tlsCAFile=<PEM file>',
  ],
  [/wrong version number|packet length too long|EPROTO|secureConnect/, 'does not speak TLS'],
  [/^462 |^16500 /, 'asks for less'],
  [/ENOENT|EACCES/, 'cannot be reached: a certificate file cannot be read'],
  [/ENOTFOUND|EAI_AGAIN|ESERVFAIL|ENODATA|querySrv|queryTxt/, 'cannot be reached: no such host'],
  [/ECONNREFUSED/, 'cannot be reached: nothing listens there'],
  [
    /ECONNRESET|closed|EPIPE/i,
    'ended the connection; if it always does, it expects TLS (tls=true) or is a server of another kind',
  ],
  [/server selection|timed out|checking out a connection/i, 'does not answer'],
];

function explain(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  const code = String(message).includes(codeOf(error)) ? '' : `${codeOf(error)} `;
  const said = `${code}${String(message)}`.replaceAll(/\s+/g, ' ').trim();
  const cause = causes.find(([pattern]) => pattern.test(said))?.[1];
  return cause === undefined ? `does not answer as expected: ${said}` : `${cause} (${said})`;
}
