import { type Env, InvalidConfiguration, readConfig } from './config.ts';

const key = 'A'.repeat(43);
const jwks = {
  JWKS_URL: 'https://id.example.com/keys',
  JWT_ISSUER: 'https://id.example.com',
  JWT_AUDIENCE: 'shop',
};

/** The mistakes in an environment, one a line as the message names them; none when it is accepted. */
function mistakesIn(env: Env): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    const [head, ...mistakes] = error.message.split('\n');
    return head === 'Invalid configuration:' ? mistakes.map((line) => line.trim()) : [error.message];
  }
}

const wholeTo = (most: number, least = 1): string => `expected a whole number from ${least} to ${most}`;
const daysOrNever = 'expected a number of days from 1, or "never"';
const buckets = 'expected a range of buckets from 0-0 to 0-9999, such as 0-4999';
const span = 'expected a span in UTC such as 02:00-05:00';

it.each([
  ['PORT', 'http', wholeTo(65_535, 0)],
  ['PORT', '65536', wholeTo(65_535, 0)],
  ['PORT', '-1', wholeTo(65_535, 0)],
  ['PORT', '80.5', wholeTo(65_535, 0)],
  ['PORT', ' 80', wholeTo(65_535, 0)],
  ['PORT', '0x50', wholeTo(65_535, 0)],
  ['OPERATOR_PORT', '99999999999', wholeTo(65_535, 0)],
  ['PROJECTOR_PORT', 'x', wholeTo(65_535, 0)],
  ['CONTROL_PORT', 'x', wholeTo(65_535, 0)],
  ['GUEST_CART_DAYS', '0', daysOrNever],
  ['GUEST_CART_DAYS', '1.5', daysOrNever],
  ['CUSTOMER_CART_DAYS', 'Never', daysOrNever],
  ['GUEST_TOKEN_DAYS', '0', wholeTo(3650)],
  ['GUEST_TOKEN_DAYS', '3651', wholeTo(3650)],
  ['MAX_IN_FLIGHT', '0', wholeTo(100_000)],
  ['RATE_LIMIT', '1e6', wholeTo(100_000_000)],
  ['GUEST_RATE_LIMIT', '0', wholeTo(100_000_000)],
  ['OFF_PEAK', 'night', span],
  ['OFF_PEAK', '24:00-05:00', span],
  ['OFF_PEAK', '2:00-5:00', span],
  ['OFF_PEAK', '02:00-02:00', 'expected a span that is not empty'],
  ['PROJECTOR_BUCKETS', '5000', buckets],
  ['PROJECTOR_BUCKETS', '0-10000', buckets],
  ['PROJECTOR_BUCKETS', '7-6', buckets],
  ['TRUST_PROXY', 'true', 'expected addresses of proxies, such as 10.0.0.0/8,127.0.0.1'],
  ['TRUST_PROXY', '10.0.0.0/33', 'expected addresses of proxies, such as 10.0.0.0/8,127.0.0.1'],
])('refuses %s=%s and says what is expected', (name, value, expected) => {
  expect(mistakesIn({ [name]: value })).toEqual([`${name}=${value}: ${expected}`]);
});

it.each(['none', 'HS256', 'RS256,HS512', 'RS256,', 'rs256'])('refuses JWT_ALGORITHMS=%s', (value) => {
  const [mistake = '', ...others] = mistakesIn({ JWT_ALGORITHMS: value });
  expect(mistake).toMatch(`JWT_ALGORITHMS=${value}: expected some of RS256,`);
  expect(others).toEqual([]);
});

it.each(['ftp://id.example.com', 'id.example.com', 'https://', 'file:///keys'])(
  'refuses JWKS_URL=%s',
  (url) => {
    expect(mistakesIn({ ...jwks, JWKS_URL: url })).toEqual(['JWKS_URL: expected an http(s) URL']);
  },
);

it.each(['short:AAAA', key, `:${key}`, `a b:${key}`, `a:${key},`, `a:${key};b:${key}`])(
  'refuses GUEST_TOKEN_KEYS=%s without showing them',
  (keys) => {
    expect(mistakesIn({ GUEST_TOKEN_KEYS: keys })).toEqual([
      'GUEST_TOKEN_KEYS: expected id:secret[,id:secret…], 32 random bytes in base64 each',
    ]);
  },
);

it('refuses two keys of one id: a token names its key by the id', () => {
  expect(mistakesIn({ GUEST_TOKEN_KEYS: `a:${key},a:${key}B` })).toEqual([
    'GUEST_TOKEN_KEYS: expected distinct ids',
  ]);
});

describe('settings that depend on each other', () => {
  it('in production users and guests need keys that were given', () => {
    expect(mistakesIn({ NODE_ENV: 'production' })).toEqual([
      'JWKS_URL: needed in production, where nobody may sign in by name',
      'GUEST_TOKEN_KEYS: needed in production, id:secret with 32 random bytes in base64',
    ]);
    const config = readConfig({ NODE_ENV: 'production', ...jwks, GUEST_TOKEN_KEYS: `a:${key}` });
    expect(config).toMatchObject({ production: true, guestKeys: [{ id: 'a' }] });
  });

  it('beside JWKS_URL the issuer and the audience are needed', () => {
    expect(mistakesIn({ JWKS_URL: jwks.JWKS_URL })).toEqual([
      'JWT_ISSUER: needed beside JWKS_URL',
      'JWT_AUDIENCE: needed beside JWKS_URL',
    ]);
  });

  it('the API has two ports', () => {
    expect(mistakesIn({ PORT: '3001' })).toEqual(['OPERATOR_PORT=3001: expected another port than PORT']);
    expect(mistakesIn({ PORT: '3001', OPERATOR_PORT: '3000' })).toEqual([]);
  });
});

it('names every mistake at once, those that depend on others among them', () => {
  const mistakes = mistakesIn({
    NODE_ENV: 'production',
    PORT: 'x',
    OFF_PEAK: 'x',
    EVENT_STORE: 'x',
    READ_STORES: 'x',
    JWKS_URL: jwks.JWKS_URL,
    JWT_AUDIENCE: 'shop',
  });
  expect(mistakes.map((line) => line.split(/[=:]/, 1)[0])).toEqual([
    'PORT',
    'EVENT_STORE',
    'READ_STORES',
    'OFF_PEAK',
    'GUEST_TOKEN_KEYS',
    'JWT_ISSUER',
  ]);
});

it('shows no value of a setting that may hold a secret', () => {
  const secret = 'hunter2';
  const mistakes = mistakesIn({
    EVENT_STORE: `esdb://admin:${secret}@db:2113/x`,
    READ_STORES: `mongodb://admin:${secret}@db`,
    JWKS_URL: `ftp://admin:${secret}@id`,
    GUEST_TOKEN_KEYS: secret,
  });
  expect(mistakes).toHaveLength(6);
  expect(mistakes.join('\n')).not.toContain(secret);
});
