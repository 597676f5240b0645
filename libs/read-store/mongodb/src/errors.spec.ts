import { BSON, MongoNetworkError, MongoServerError } from 'mongodb';
import { isTransient, toStoreError } from './errors.ts';

const place = 'MongoDB at h:1/cartage';
const overloaded = new MongoServerError({
  message: 'slow down',
  code: 462,
  errorLabels: ['SystemOverloadedError'],
});

describe('what a failure of MongoDB means', () => {
  it.each<readonly [Error, RegExp, boolean]>([
    [new MongoNetworkError('connect ECONNREFUSED 127.0.0.1:1'), /cannot be reached: nothing listens/, false],
    [new MongoNetworkError('connection 3 to 127.0.0.1:1 closed'), /ended the connection/, false],
    [
      new MongoServerError({ message: 'Authentication failed.', code: 18 }),
      /refuses these credentials/,
      false,
    ],
    [
      new MongoServerError({ message: 'not authorized on cartage', code: 13 }),
      /refuses these credentials/,
      false,
    ],
    [new MongoServerError({ message: 'not primary', code: 10_107 }), /not primary/, false],
    [
      new MongoServerError({ message: 'Request rate is large', code: 16_500 }),
      /asks for less.*rate is large/,
      true,
    ],
    [overloaded, /asks for less/, true],
    [Object.assign(new Error('querySrv ENOTFOUND'), { code: 'ENOTFOUND' }), /no such host/, false],
    [Object.assign(new Error("open 'ca.pem'"), { code: 'ENOENT' }), /certificate file cannot be read/, false],
    [new Error('self-signed certificate in certificate chain'), /tlsCAFile/, false],
  ])('%# is unavailable, and says why', (error, expected, throttled) => {
    const message = expect.stringMatching(new RegExp(`^${place} .*${expected.source}`));
    expect(toStoreError(error, place)).toMatchObject({
      code: 'unavailable',
      message,
      throttled,
      cause: error,
    });
  });

  it('leaves mistakes in what was to be sent as they are', () => {
    for (const error of [new BSON.BSONError('a'), new TypeError('b'), new RangeError('c')])
      expect(toStoreError(error, place)).toBe(error);
  });

  it('may be mended by another attempt when a connection was lost or a primary stepped down', () => {
    const steppedDown = { message: 'stepped down', code: 189 };
    expect(isTransient(new MongoNetworkError('closed'))).toBe(true);
    expect(isTransient(new MongoServerError(steppedDown))).toBe(true);
    expect(isTransient(overloaded)).toBe(false);
    expect(isTransient(new Error('self-signed certificate'))).toBe(false);
  });
});
