import { parseAddress, placeOf } from './address.ts';

describe('the URL of a MongoDB', () => {
  it.each([
    ['mongodb://localhost/cartage', ['localhost:27017'], 'cartage'],
    ['mongodb://a:1,b,[::1]:3/c-1_d?replicaSet=rs0', ['a:1', 'b:27017', '[::1]:3'], 'c-1_d'],
    ['mongodb+srv://cluster.example.com/cartage', ['cluster.example.com'], 'cartage'],
  ] as const)('%s leads to its hosts and its database', (url, hosts, database) => {
    expect(parseAddress(url)).toMatchObject({ hosts, database, srv: url.includes('+srv'), ttl: true });
    expect(parseAddress(url)).not.toHaveProperty('credentials');
  });

  it('holds settings for the driver, in any case, and credentials, escaped', () => {
    const url =
      'mongodb://us%3Aer:p%40ss%2F:word@h:1/shop?TLS=true&tlscafile=ca.pem&authSource=admin&ttl=off';
    expect(parseAddress(url)).toEqual({
      srv: false,
      hosts: ['h:1'],
      database: 'shop',
      credentials: { username: 'us:er', password: 'p@ss/:word' },
      settings: { tls: 'true', tlsCAFile: 'ca.pem', authSource: 'admin' },
      ttl: false,
    });
    expect(placeOf(parseAddress(url))).toBe('MongoDB at h:1/shop');
  });

  it('may come from elsewhere, with what the adapter does anyway', () => {
    const url = 'mongodb+srv://u@c.example.com/shop?retryWrites=true&w=majority&appName=Shop&generation=v2';
    expect(parseAddress(url)).toMatchObject({
      credentials: { username: 'u' },
      settings: { appName: 'Shop' },
    });
  });

  it.each([
    ['http://h/cartage', /such as mongodb:/],
    ['mongodb:h/cartage', /such as mongodb:/],
    ['mongodb://u:sesame@/cartage', /such as mongodb:/],
    ['mongodb://u:sesame@h', /such as mongodb:/],
    ['mongodb://u:sesame@h/', /name of a database/],
    ['mongodb://u:sesame@h/a.b', /name of a database/],
    ['mongodb://u:sesame@h/a/b', /such as mongodb:/],
    ['mongodb://u:sesame@h:0/cartage', /hosts as name:port/],
    ['mongodb://u:sesame@h:99999/cartage', /hosts as name:port/],
    ['mongodb://u:sesame@h,,i/cartage', /hosts as name:port/],
    ['mongodb+srv://u:sesame@c.example.com:1/cartage', /one host without a port/],
    ['mongodb+srv://u:sesame@a.example.com,b.example.com/cartage', /one host without a port/],
    ['mongodb://:sesame@h/cartage', /user:password/],
    ['mongodb://u:sesame%@h/cartage', /user:password/],
    ['mongodb://u:sesame@h/cartage?tsl=true', /no setting "tsl".*there are tls,/],
    ['mongodb://u:sesame@h/cartage?tls=yes', /tls to be true or false/],
    ['mongodb://u:sesame@h/cartage?tlsInsecure=true', /certificates are checked/],
    ['mongodb://u:sesame@h/cartage?tlsAllowInvalidHostnames=true', /certificates are checked/],
    ['mongodb://u:sesame@h/cartage?w=1', /w to be majority/],
    ['mongodb://u:sesame@h/cartage?readPreference=secondary', /readPreference to be primary/],
    ['mongodb://u:sesame@h/cartage?maxPoolSize=many', /maxPoolSize to be a whole number/],
    ['mongodb://u:sesame@h/cartage?ttl=3600', /ttl to be on or off/],
  ])('is not %s, which is refused without a word of its credentials', (url, expected) => {
    expect(() => parseAddress(url)).toThrow(
      expect.objectContaining({ code: 'invalid_address', message: expect.stringMatching(expected) }),
    );
    expect(() => parseAddress(url)).not.toThrow(/sesame/);
  });
});
