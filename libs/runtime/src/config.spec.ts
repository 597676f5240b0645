import { offPeak } from '@cartage/cart';
import { type Config, type Env, readConfig } from './config.ts';

const day = 86_400_000;
const hour = 3_600_000;
const key = 'A'.repeat(43);
const jwks = {
  JWKS_URL: 'https://id.example.com/keys',
  JWT_ISSUER: 'https://id.example.com',
  JWT_AUDIENCE: 'shop',
};

/** The mistakes in an environment, one a line as the message names them; none when it is accepted. */

it('runs a whole shop on one machine when nothing is set', () => {
  expect(readConfig({})).toEqual({
    production: false,
    host: '127.0.0.1',
    port: 3000,
    operatorPort: 3001,
    projectorPort: 3002,
    controlPort: 3003,
    eventStore: { name: 'embedded', url: 'embedded:./.data/events' },
    readStores: [{ name: 'embedded', url: 'embedded:./.data/views' }],
    projectorBuckets: { from: 0, to: 9999 },
    rules: {
      maxQuantity: 999,
      maxLines: 100,
      maxFreeze: day,
      lifetime: { guest: 30 * day, customer: 180 * day },
    },
    offPeak: { start: 2 * hour, length: 3 * hour },
    guestTokenLifetime: 365 * day,
    devKeys: './.data/dev-keys.json',
    trustedProxies: [],
    limits: { inFlight: 1000, requests: 6000, guests: 600 },
  });
});

it.each([
  ['0-4999', { from: 0, to: 4999 }],
  ['7-7', { from: 7, to: 7 }],
])('reads PROJECTOR_BUCKETS=%s', (text, range) => {
  expect(readConfig({ PROJECTOR_BUCKETS: text }).projectorBuckets).toEqual(range);
});

it('takes an empty setting for one that is not there, and does not mind the settings of others', () => {
  const empty = {
    PORT: '',
    READ_STORES: '',
    JWKS_URL: '',
    GUEST_TOKEN_KEYS: '',
    TRUST_PROXY: '',
    OFF_PEAK: '',
  };
  expect(readConfig({ ...empty, PATH: '/bin', HOME: undefined })).toEqual(readConfig({}));
});

it.each<[Env, Partial<Config>]>([
  [{ NODE_ENV: 'test' }, { production: false }],
  [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
  [
    { PORT: '0', OPERATOR_PORT: '0' },
    { port: 0, operatorPort: 0 },
  ],
  [
    { PORT: '65535', OPERATOR_PORT: '1' },
    { port: 65_535, operatorPort: 1 },
  ],
  [{ PROJECTOR_PORT: '9000' }, { projectorPort: 9000 }],
  [{ CONTROL_PORT: '9001' }, { controlPort: 9001 }],
  [{ EVENT_STORE: 'log=embedded:/var/log' }, { eventStore: { name: 'log', url: 'embedded:/var/log' } }],
  [{ DEV_KEYS: '/etc/keys.json' }, { devKeys: '/etc/keys.json' }],
  [{ TRUST_PROXY: '10.0.0.0/8, ::1' }, { trustedProxies: ['10.0.0.0/8', '::1'] }],
  [{ GUEST_TOKEN_DAYS: '7' }, { guestTokenLifetime: 7 * day }],
  [{ OFF_PEAK: '23:30-01:00' }, { offPeak: { start: 23.5 * hour, length: 1.5 * hour } }],
  [{ OFF_PEAK: '02:00-05:00' }, { offPeak }],
  [{ OFF_PEAK: '00:00-23:59' }, { offPeak: { start: 0, length: day - 60_000 } }],
  [
    { MAX_IN_FLIGHT: '1', RATE_LIMIT: '2', GUEST_RATE_LIMIT: '3' },
    { limits: { inFlight: 1, requests: 2, guests: 3 } },
  ],
  [
    { GUEST_TOKEN_KEYS: `new:${key}=,old-1:${key}+/` },
    {
      guestKeys: [
        { id: 'new', secret: `${key}=` },
        { id: 'old-1', secret: `${key}+/` },
      ],
    },
  ],
  [
    jwks,
    {
      jwks: {
        url: jwks.JWKS_URL,
        issuer: jwks.JWT_ISSUER,
        audience: 'shop',
        algorithms: ['RS256', 'ES256', 'EdDSA'],
      },
    },
  ],
  [
    { ...jwks, JWT_ALGORITHMS: 'ES384, PS512' },
    { jwks: expect.objectContaining({ algorithms: ['ES384', 'PS512'] }) as Config['jwks'] & object },
  ],
])('takes %j', (env, expected) => {
  expect(readConfig(env)).toEqual({ ...readConfig({}), ...expected });
});

it.each<[Env, number | null, number | null]>([
  [{ GUEST_CART_DAYS: '1', CUSTOMER_CART_DAYS: '99999' }, day, 99_999 * day],
  [{ GUEST_CART_DAYS: 'never', CUSTOMER_CART_DAYS: 'never' }, null, null],
])('lets carts live as long as %j', (env, guest, customer) => {
  expect(readConfig(env).rules.lifetime).toEqual({ guest, customer });
});
