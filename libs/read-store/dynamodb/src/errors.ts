import { Corrupted, Unavailable } from '@cartage/read-store/adapting';

/** What the driver's errors have in common; those of sockets may come wrapped, with nothing but a message. */
type Failure = {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
};
const failureOf = (error: unknown): Failure =>
  typeof error === 'object' && error !== null ? error : { message: String(error) };

const throttles = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
];
const passing = /ECONNRESET|ECONNREFUSED|EPIPE|EAI_AGAIN|socket hang up|aborted/;
const refusedCredentials = [
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
];

/** What the server says when an item or a key has not the attributes that the table's key wants. */
const otherKey =
  /key schema|missing the key|type mismatch for key|required keys|conditions on the keys|match the schema/i;

/** By name: not every answer of the server has a class, and what the driver cannot read has another's name. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  names.includes(failureOf(error).name ?? '');

/** Whether another attempt may mend it. What timed out is not repeated: its time is used up. */
export function isTransient(error: unknown): boolean {
  const { code = '', message = '', $metadata = {} } = failureOf(error);
  // After a refusal for the clock's sake, the driver signs with the server's time.
  if ($metadata.clockSkewCorrected || isNamed(error, ...throttles)) return true;
  const { httpStatusCode } = $metadata;
  return httpStatusCode === undefined ? passing.test(`${code} ${message}`) : httpStatusCode >= 500;
}

/** Of an error of this store: the engine answers, and asks for less. */
export const isThrottled = (error: unknown): boolean => error instanceof Unavailable && error.throttled;

/** What the driver's error means. It is not handed on as a cause: it holds the request, and that the signature. */
export function toStoreError(error: unknown, place: string, table: string): Error {
  if (error instanceof Unavailable || error instanceof Corrupted) return error;
  if (isNamed(error, ...throttles))
    return new Unavailable(`${place} takes no more requests for ${table} for now.`, { throttled: true });
  if (isNamed(error, 'ResourceNotFoundException'))
    return new Unavailable(`${place} has no table ${table}: this generation is not provisioned.`);
  if (isNamed(error, 'ResourceInUseException'))
    return new Unavailable(`${place} is still making, changing or removing the table ${table}.`);
  const { message: said = '' } = failureOf(error);
  if (isNamed(error, 'ValidationException') && otherKey.test(said))
    return new Corrupted(`The table ${table} of ${place} has another key (${said}). ${otherTable}`);
  return new Unavailable(`${place} ${explain(error, said)}`);
}

/** What to do about a table that is not ours. */
export const otherTable = 'Name another beginning of table names in the URL, or remove that table.';

/** What usually is behind a code or a message of the network. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'cannot be reached: nothing listens there'],
  [/ENOTFOUND|EAI_AGAIN/, 'cannot be reached: no such host'],
  [/EPROTO|wrong version number/, 'does not speak TLS: should its endpoint begin with http:?'],
  [
    /CERT|certificate|altnames/i,
    'shows a certificate that is not trusted: NODE_EXTRA_CA_CERTS names its authority’s',
  ],
  [
    /TimeoutError.*did not establish/,
    'cannot be reached in time, or has more requests waiting than it answers',
  ],
  [/ETIMEDOUT|TimeoutError.*(exceeded|timed out)/, 'does not answer in time'],
  [/ECONNRESET|EPIPE|socket hang up|aborted/, 'ended the connection'],
  [/SyntaxError/, 'does not answer as DynamoDB does'],
];

function explain(error: unknown, said: string): string {
  if (isNamed(error, 'CredentialsProviderError'))
    return 'needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or any other source that AWS’s tools know.';
  if (isNamed(error, ...refusedCredentials))
    return 'refuses these credentials: they are wrong or expired, or a clock is wrong.';
  if (isNamed(error, 'AccessDeniedException'))
    return `does not let these credentials do ${/dynamodb:\w+/.exec(said)?.[0] ?? 'this'}.`;
  const { name = '', code = '', $metadata } = failureOf(error);
  const cause = causes.find(([pattern]) => pattern.test(`${name} ${code} ${said}`))?.[1];
  return cause === undefined
    ? `does not do this (${name}, status ${$metadata?.httpStatusCode ?? 'unknown'}): ${said}`
    : `${cause} (${said.trim() || code})`;
}
