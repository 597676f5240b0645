import fc from 'fast-check';
import {
  cartIdOf,
  cartOfStream,
  customerOwner,
  guestOwner,
  InvalidId,
  isCartName,
  isOwner,
  kindOf,
  partsOf,
  streamOf,
} from './identity.ts';

const guestId = 'q83vEjRWeJCrze8SNFZ4kA';
const userIds = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 16 })
  .filter((id) => encodeURIComponent(id).length <= 180);
const names = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/);
const owners = fc.oneof(userIds.map(customerOwner), fc.stringMatching(/^[A-Za-z0-9_-]{22}$/).map(guestOwner));

describe('the owner key of a customer', () => {
  it('holds none of ~ / ? # % followed by no digits, blanks or control characters, and gives the user id back', () => {
    fc.assert(
      fc.property(userIds, (id) => {
        const owner = customerOwner(id);
        expect(owner).toMatch(/^u~([A-Za-z0-9\-_.!*'()]|%[0-9A-F]{2})+$/);
        expect(decodeURIComponent(owner.slice(2))).toBe(id);
        expect(isOwner(owner)).toBe(true);
        expect(kindOf(owner)).toBe('customer');
      }),
    );
  });

  it.each([
    ['a~b', 'u~a%7Eb'],
    ['../../etc', 'u~..%2F..%2Fetc'],
    ['\0', 'u~%00'],
    ['100%', 'u~100%25'],
    ['Zoë 🛒', 'u~Zo%C3%AB%20%F0%9F%9B%92'],
  ])('of %j is %s', (id, owner) => {
    expect(customerOwner(id)).toBe(owner);
  });

  it.each(['', '\ud800', 'a\udc00b', 'x'.repeat(199), '~'.repeat(67), 'x'.repeat(500)])(
    'is refused for %j',
    (id) => {
      expect(() => customerOwner(id)).toThrow(InvalidId);
    },
  );

  it('may have 200 characters in all', () => {
    expect(customerOwner('x'.repeat(198))).toHaveLength(200);
    expect(isOwner(`u~${'x'.repeat(199)}`)).toBe(false);
  });

  it.each(['u~%41', 'u~%7e', 'u~%FF', 'u~%ED%A0%80', 'u~%C3'])(
    'has one spelling only: %s is no owner, so nobody has two carts of one name',
    (alias) => {
      expect(isOwner(alias)).toBe(false);
    },
  );
});

describe('the owner key of a guest', () => {
  it('is the 22 characters of 128 bits in base64url', () => {
    expect(guestOwner(guestId)).toBe(`g~${guestId}`);
    expect(kindOf(`g~${guestId}`)).toBe('guest');
  });

  it.each(['', guestId.slice(1), `${guestId}A`, guestId.replace('q', '~'), guestId.replace('q', '+')])(
    'is refused for %j',
    (id) => {
      expect(() => guestOwner(id)).toThrow(InvalidId);
    },
  );
});

describe('a cart id', () => {
  it('is taken apart into what it was made of', () => {
    fc.assert(
      fc.property(owners, names, (owner, name) => {
        expect(partsOf(cartIdOf(owner, name))).toEqual({ owner, name, kind: kindOf(owner) });
      }),
    );
  });

  it('is of the cart "main" unless named', () => {
    expect(cartIdOf('u~42')).toBe('u~42~main');
  });

  it.each([
    '',
    'u~42',
    'u~~main',
    'x~42~main',
    'u~42~',
    'u~42~a b',
    'u~4/2~main',
    `g~short~main`,
    'u~42~main\n',
  ])('is not %j', (id) => {
    expect(() => partsOf(id)).toThrow(InvalidId);
  });

  it('is not made of what is no owner or no name', () => {
    expect(() => cartIdOf('42')).toThrow(InvalidId);
    expect(() => cartIdOf('u~42', 'a~b')).toThrow(InvalidId);
    expect(['', 'a'.repeat(33), 'a.b', 'ä', 'a\n'].map(isCartName)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a stream name', () => {
  it('gives back the cart it was made of', () => {
    fc.assert(
      fc.property(owners, names, (owner, name) => {
        const id = cartIdOf(owner, name);
        expect(streamOf(id)).toMatch(/^cart-\d{4}\./);
        expect(cartOfStream(streamOf(id))).toBe(id);
      }),
    );
  });

  it('puts all carts of an owner into one bucket', () => {
    const bucket = (name: string): string => streamOf(cartIdOf('u~42', name)).slice(0, 10);
    expect(bucket('wishes')).toBe(bucket('main'));
  });

  const stream = streamOf('u~42~main');
  it.each([
    'operations',
    '$stats',
    `${stream}\n`,
    ` ${stream}`,
    stream.slice(1),
    stream.replace('main', 'a b'),
    stream.replace('~main', ''),
    stream.replace('u~', 'x~'),
    stream.replace(/\d{4}/, '0000'),
    stream.replace(/\d{4}/, (bucket) => `0${bucket}`),
  ])('%j is of no cart', (other) => {
    expect(cartOfStream(other)).toBeUndefined();
  });

  it('is of a cart only when that cart has this stream', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 9999 }), (text, bucket) => {
        const made = `cart-${String(bucket).padStart(4, '0')}.u~${text}~main`;
        for (const name of [text, made]) {
          const id = cartOfStream(name);
          expect(id === undefined ? name : streamOf(id)).toBe(name);
        }
      }),
    );
  });
});
