import { credentialsIn, hostsIn, refusing, Settings } from '../adapting.ts';

const refuse = refusing('Adapter');
const expecting = (expected: RegExp) =>
  expect.objectContaining({ code: 'invalid_address', expected: expect.stringMatching(expected) });
const settingsIn = (query: string): Settings<'dc' | 'ttl' | 'size'> =>
  new Settings(query, ['dc', 'ttl', 'size'], refuse);

describe('Settings', () => {
  it('are found by their names, in any case, and unescaped', () => {
    const settings = settingsIn('DC=x&dc=a%20b&size=17');
    expect(settings.get('dc')).toBe('a b');
    expect(settings.number('size', 1, 17)).toBe(17);
  });

  it('need not be there: what can be off is on', () => {
    const settings = settingsIn('');
    expect(settings.isOn('ttl')).toBe(true);
    expect([settings.get('dc'), settings.oneOf('dc', ['a']), settings.number('size', 0, 9)]).toEqual(
      Array(3).fill(undefined),
    );
    expect(settingsIn('ttl=off').isOn('ttl')).toBe(false);
  });

  it.each([
    ['zone=x', /^no setting "zone"; there are dc, ttl, size$/],
    ['dc=', /^a value behind dc=$/],
  ])('are not %s', (query, expected) => {
    expect(() => settingsIn(query)).toThrow(expecting(expected));
  });

  it.each(['-1', '0', '10', '1.5', '1e0', 'one', '9'.repeat(16)])(
    'are no number from 1 to 9 with %s',
    (text) => {
      const settings = settingsIn(`size=${text}`);
      expect(() => settings.number('size', 1, 9)).toThrow(
        expecting(/^size to be a whole number from 1 to 9$/),
      );
    },
  );

  it('are one of the values they may have', () => {
    expect(settingsIn('dc=b').oneOf('dc', ['a', 'b'])).toBe('b');
    expect(() => settingsIn('dc=B').oneOf('dc', ['a', 'b'])).toThrow(expecting(/^dc to be a or b$/));
    expect(() => settingsIn('ttl=true').isOn('ttl')).toThrow(expecting(/^ttl to be on or off$/));
  });
});

describe('hosts', () => {
  it('have ports, or none, and addresses of IPv6 brackets', () => {
    expect(hostsIn('a,b-2.example.com:1,[::1]:65535', refuse)).toEqual([
      { name: 'a' },
      { name: 'b-2.example.com', port: 1 },
      { name: '[::1]', port: 65_535 },
    ]);
  });

  it.each(['', 'a,,b', 'a:', 'a:0', 'a:65536', 'a:b', '::1', 'a b'])('are not "%s"', (text) => {
    expect(() => hostsIn(text, refuse)).toThrow(expecting(/^hosts as name:port/));
  });
});

describe('credentials', () => {
  it.each([
    ['user:password', { username: 'user', password: 'password' }],
    ['us%3Aer:p%40ss%2F:word', { username: 'us:er', password: 'p@ss/:word' }],
    ['user', { username: 'user' }],
    ['user:', { username: 'user', password: '' }],
  ])('are %s', (text, expected) => {
    expect(credentialsIn(text, refuse)).toEqual(expected);
  });

  it.each(['', ':sesame', 'user:sesame%'])('are not "%s", which is refused without saying it', (text) => {
    expect(() => credentialsIn(text, refuse)).toThrow(expecting(/^user:password before the @/));
    expect(() => credentialsIn(text, refuse)).not.toThrow(/sesame/);
  });
});
