import { defaultRules, offPeak, type PurgeWindow, type Rules } from '@cartage/cart';
import type { BucketRange } from '@cartage/read-store';
import { z } from 'zod';
import { type GuestKey, isAddressRange, parseBuckets, parseKeys, parseWindow } from './parse.ts';
import { type StoreUrl, storeUrl, storeUrls } from './store-url.ts';

export type Jwks = {
  readonly url: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
};

/** Everything a deployment may choose. Durations in ms. */
export type Config = {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Metrics and operator routes of the API; health and metrics of the projector and of control. */
  readonly operatorPort: number;
  readonly projectorPort: number;
  readonly controlPort: number;
  readonly eventStore: StoreUrl;
  /** The first answers shoppers, the others are kept just as current. Names are distinct. */
  readonly readStores: readonly StoreUrl[];
  /** The carts a projector keeps. */
  readonly projectorBuckets: BucketRange;
  readonly rules: Rules;
  readonly offPeak: PurgeWindow;
  /** The first key signs, all verify. Absent: keys of a development machine, made once and kept in `devKeys`. */
  readonly guestKeys?: readonly GuestKey[];
  readonly guestTokenLifetime: number;
  /** Absent: the development issuer signs users in. */
  readonly jwks?: Jwks;
  readonly devKeys: string;
  /** Addresses and CIDR ranges of the proxies before the API: their `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly limits: {
    readonly inFlight: number;
    /** Requests a minute of one caller, and guests made a minute from one address. */
    readonly requests: number;
    readonly guests: number;
  };
};

export type Env = Readonly<Record<string, string | undefined>>;

/** Some setting is wrong. The message names every mistake, one a line, with what is expected; values of secrets are not shown. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
  readonly code = 'invalid_configuration';
}

const day = 24 * 60 * 60 * 1000;
const apiPorts = { PORT: 3000, OPERATOR_PORT: 3001 };

const whole = (least: number, most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `a whole number from ${least} to ${most}`)
    .default(fallback);
const port = (fallback: number) => whole(0, 65_535, fallback);
const days = (fallback: number | null) =>
  z
    .string()
    .regex(/^(?:never|[1-9]\d{0,4})$/, 'a number of days from 1, or "never"')
    .transform((text) => (text === 'never' ? null : Number(text) * day))
    .default(fallback);

const text = z.string().min(1, 'not empty');
const list = text.transform((value) => value.split(',').map((part) => part.trim()));
const signatures = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const settings = z.object({
  NODE_ENV: z.string().optional(),
  HOST: text.default('127.0.0.1'),
  PORT: port(apiPorts.PORT),
  OPERATOR_PORT: port(apiPorts.OPERATOR_PORT),
  PROJECTOR_PORT: port(3002),
  CONTROL_PORT: port(3003),
  EVENT_STORE: storeUrl.prefault('embedded:./.data/events'),
  READ_STORES: storeUrls.prefault('embedded:./.data/views'),
  PROJECTOR_BUCKETS: z
    .string()
    .transform(parseBuckets)
    .refine((range) => range !== undefined, 'a range of buckets from 0-0 to 0-9999, such as 0-4999')
    .prefault('0-9999'),
  GUEST_CART_DAYS: days(defaultRules.lifetime.guest),
  CUSTOMER_CART_DAYS: days(defaultRules.lifetime.customer),
  OFF_PEAK: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'a span in UTC such as 02:00-05:00')
    .transform(parseWindow)
    .refine(({ length }) => length > 0, 'a span that is not empty')
    .default(offPeak),
  GUEST_TOKEN_KEYS: z
    .string()
    .regex(
      /^[\w-]{1,16}:[\w+/=-]{43,}(,[\w-]{1,16}:[\w+/=-]{43,})*$/,
      'id:secret[,id:secret…], 32 random bytes in base64 each',
    )
    .transform(parseKeys)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'distinct ids')
    .optional(),
  GUEST_TOKEN_DAYS: whole(1, 3650, 365),
  JWKS_URL: z.url({ protocol: /^https?$/, error: 'an http(s) URL' }).optional(),
  JWT_ISSUER: text.optional(),
  JWT_AUDIENCE: text.optional(),
  JWT_ALGORITHMS: list
    .refine((names) => names.every((name) => signatures.includes(name)), `some of ${signatures.join(',')}`)
    .prefault('RS256,ES256,EdDSA'),
  DEV_KEYS: text.default('./.data/dev-keys.json'),
  TRUST_PROXY: list
    .refine((ranges) => ranges.every(isAddressRange), 'addresses of proxies, such as 10.0.0.0/8,127.0.0.1')
    .optional(),
  MAX_IN_FLIGHT: whole(1, 100_000, 1000),
  RATE_LIMIT: whole(1, 100_000_000, 6000),
  GUEST_RATE_LIMIT: whole(1, 100_000_000, 600),
});

const secret = new Set(['GUEST_TOKEN_KEYS', 'EVENT_STORE', 'READ_STORES', 'JWKS_URL']);

/**
 * Reads and checks the whole environment at once, so that a bad deployment hears of every mistake at its first start.
 *
 * @throws {InvalidConfiguration} naming every mistake
 */
export function readConfig(env: Env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = settings.safeParse(given);
  const issues = parsed.error?.issues ?? [];
  const malformed = issues.map(({ path, message }) => problem(String(path[0]), env, message));
  const problems = [...malformed, ...conflicts(given)];
  if (!parsed.success || problems.length > 0)
    throw new InvalidConfiguration(
      `Invalid configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
  return Object.freeze(toConfig(parsed.data));
}

const problem = (name: string, env: Env, expected: string): string =>
  secret.has(name) ? `${name}: expected ${expected}` : `${name}=${env[name]}: expected ${expected}`;

/** What is wrong only in the light of other settings. */
function conflicts(env: Env): string[] {
  const { NODE_ENV, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, GUEST_TOKEN_KEYS } = env;
  const { PORT, OPERATOR_PORT } = { ...apiPorts, ...env };
  const production = NODE_ENV === 'production';
  const problems: string[] = [];
  if (production && !JWKS_URL)
    problems.push('JWKS_URL: needed in production, where nobody may sign in by name');
  if (production && !GUEST_TOKEN_KEYS)
    problems.push('GUEST_TOKEN_KEYS: needed in production, id:secret with 32 random bytes in base64');
  if (JWKS_URL && !JWT_ISSUER) problems.push('JWT_ISSUER: needed beside JWKS_URL');
  if (JWKS_URL && !JWT_AUDIENCE) problems.push('JWT_AUDIENCE: needed beside JWKS_URL');
  if (Number(PORT) === Number(OPERATOR_PORT) && Number(PORT) !== 0)
    problems.push(`OPERATOR_PORT=${OPERATOR_PORT}: expected another port than PORT`);
  return problems;
}

function toConfig(set: z.output<typeof settings>): Config {
  const {
    JWKS_URL: url,
    JWT_ISSUER: issuer = '',
    JWT_AUDIENCE: audience = '',
    GUEST_TOKEN_KEYS: guestKeys,
  } = set;
  return {
    production: set.NODE_ENV === 'production',
    host: set.HOST,
    port: set.PORT,
    operatorPort: set.OPERATOR_PORT,
    projectorPort: set.PROJECTOR_PORT,
    controlPort: set.CONTROL_PORT,
    eventStore: set.EVENT_STORE,
    readStores: set.READ_STORES,
    projectorBuckets: set.PROJECTOR_BUCKETS,
    rules: { ...defaultRules, lifetime: { guest: set.GUEST_CART_DAYS, customer: set.CUSTOMER_CART_DAYS } },
    offPeak: set.OFF_PEAK,
    ...(guestKeys && { guestKeys }),
    guestTokenLifetime: set.GUEST_TOKEN_DAYS * day,
    ...(url && { jwks: { url, issuer, audience, algorithms: set.JWT_ALGORITHMS } }),
    devKeys: set.DEV_KEYS,
    trustedProxies: set.TRUST_PROXY ?? [],
    limits: { inFlight: set.MAX_IN_FLIGHT, requests: set.RATE_LIMIT, guests: set.GUEST_RATE_LIMIT },
  };
}
