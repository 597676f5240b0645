import { Unavailable } from '@cartage/read-store/adapting';
import { errors, types } from 'cassandra-driver';

const { overloaded, isBootstrapping, unprepared, unauthorized, invalid } = types.responseErrorCodes;
const { NoHostAvailableError, OperationTimedOutError, ResponseError } = errors;

/** Whether another attempt may mend it at once. What timed out is not repeated: its time is used up. */
export function isTransient(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause instanceof ResponseError) return [overloaded, isBootstrapping].includes(cause.code);
  return isOutOfReach(error) && !isFinal(cause);
}

const isFinal = (cause: unknown): boolean =>
  cause instanceof OperationTimedOutError ||
  cause instanceof errors.AuthenticationError ||
  cause instanceof errors.ArgumentError;

/** Whether no node answered: whatever the client knows of the cluster may be out of date. */
export const isOutOfReach = (error: unknown): boolean =>
  !isMistake(error) && !(error instanceof Unavailable) && !(causeOf(error) instanceof ResponseError);

/** In what was to be sent. Everything else that the driver throws, a bare Error among it, comes from the cluster or the way there. */
const isMistake = (error: unknown): boolean => error instanceof TypeError || error instanceof RangeError;

/** Whether Cassandra refused the size of a statement; it may be configured to take less than this adapter takes it to. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof ResponseError && /is too (?:big|large)/.test(error.message);

/** s since the epoch: the latest expiry this server can store. Undefined: the error is about something else. */
export function latestExpiryIn(error: unknown): number | undefined {
  if (!(error instanceof ResponseError)) return undefined;
  const [, time = ''] = /maximum supported expiration date of (\S+?)\.? /.exec(`${error.message} `) ?? [];
  const latest = Date.parse(time);
  return Number.isNaN(latest) ? undefined : Math.floor(latest / 1000);
}

/** What the driver's error means; a mistake in what was to be sent stays what it is. */
export function toStoreError(error: unknown, place: string): unknown {
  if (error instanceof Unavailable || isMistake(error)) return error;
  const cause = causeOf(error);
  const said = messageOf(cause);
  if (isUnknownTable(cause, said))
    return new Unavailable(
      `This generation is not provisioned in ${place} (${said}). Start a projector on it: it makes what is missing.`,
    );
  const throttled = cause instanceof ResponseError && cause.code === overloaded;
  return new Unavailable(`${place} ${explain(cause, said)}`, { cause: error, throttled });
}

/** A statement was prepared before its table was dropped: then preparing it again fails, and the driver tells the first error. */
const isUnknownTable = (cause: unknown, said: string): boolean =>
  cause instanceof ResponseError &&
  (cause.code === unprepared || (cause.code === invalid && /does not exist|unconfigured table/i.test(said)));

/** Of what was tried on several nodes, what tells most: an answer, else what is no mere echo of an earlier failure. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof NoHostAvailableError)) return error;
  const tried = Object.values(Object(error.innerErrors)).filter((one) => one instanceof Error);
  return tried.find((one) => one instanceof ResponseError) ?? tried.find(isFinal) ?? tried[0] ?? error;
}

const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n', 1).join('').trim();

/** What usually is behind a message of the network or TLS. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'cannot be reached: nothing listens there'],
  [/ENOTFOUND|EAI_AGAIN|No host could be resolved/, 'cannot be reached: no such host'],
  [/wrong version number|packet length too long|EPROTO/, 'does not speak TLS: should the URL say tls=false?'],
  [
    /certificate|self.signed|issuer|altnames/i,
    'shows a certificate that is not trusted: name its authority’s with ca=<PEM file>',
  ],
  [/^Datacenter .* was not found/, 'has no node in the data center that the URL names with dc='],
  [/No connection available|DOWN|All host\(s\) tried/, 'is out of reach: no node answers'],
  [/timeout|did not reply|timed out/i, 'does not answer in time'],
  [/ECONNRESET|EPIPE|socket|closed/i, 'ended the connection; if it always does, it expects TLS (tls=true)'],
];

function explain(cause: unknown, said: string): string {
  if (cause instanceof errors.AuthenticationError)
    return 'refuses these credentials, or wants some: give them in the URL as user:password@.';
  if (cause instanceof ResponseError && cause.code === unauthorized)
    return `does not let this user do this (${said}).`;
  if (cause instanceof ResponseError && cause.code === overloaded) return `is overloaded (${said}).`;
  const meaning = causes.find(([pattern]) => pattern.test(said))?.[1];
  return meaning === undefined ? `does not answer as expected: ${said}` : `${meaning} (${said})`;
}
