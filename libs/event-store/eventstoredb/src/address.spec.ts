import { parseAddress, placeOf } from './address.ts';

describe('the URL of an EventStoreDB', () => {
  it.each([
    ['esdb://localhost', [['localhost', 2113]], false],
    ['kurrentdb://db.example.com:2114/', [['db.example.com', 2114]], false],
    ['esdb+discover://cluster.example.com', [['cluster.example.com', 2113]], true],
    ['kurrentdb+discover://cluster:1?tls=true', [['cluster', 1]], true],
    [
      'esdb://a:1,b:2,[::1]:3?nodePreference=follower',
      [
        ['a', 1],
        ['b', 2],
        ['[::1]', 3],
      ],
      false,
    ],
  ] as const)('%s leads to its hosts', (url, hosts, discover) => {
    const address = parseAddress(url);
    expect(address.hosts.map(({ address, port }) => [address, port])).toEqual(hosts);
    expect(address).toMatchObject({ discover, tls: true });
  });

  it('holds settings, in any case, and credentials, escaped', () => {
    const url =
      'esdb://us%3Aer:p%40ss%2F:word@h:1?TLS=false&tlsCAFile=ca.pem&nodePreference=readOnlyReplica&keepAliveInterval=15000';
    expect(parseAddress(url)).toEqual({
      hosts: [{ address: 'h', port: 1 }],
      discover: false,
      tls: false,
      credentials: { username: 'us:er', password: 'p@ss/:word' },
      tlsCaFile: 'ca.pem',
      nodePreference: 'read_only_replica',
      numbers: { keepAliveInterval: 15_000 },
    });
    expect(placeOf(parseAddress(url))).toBe('EventStoreDB at h:1');
  });

  it.each([
    'http://h:2113',
    'esdb:h',
    'esdb://',
    'esdb://u:sesame@',
    'esdb://u:sesame@h:0',
    'esdb://u:sesame@h:99999',
    'esdb://u:sesame@h,,i',
    'esdb://sesame@h',
    'esdb://u:sesame%@h',
    'esdb://u:sesame@h/path',
    'esdb://u:sesame@h?tls=yes',
    'esdb://u:sesame@h?tlsVerifyCert=false',
    'esdb://u:sesame@h?tsl=true',
    'esdb://u:sesame@h?gossipTimeout=soon',
    'esdb://u:sesame@h?keepAliveInterval=10',
    'esdb://u:sesame@h?userCertFile=cert.pem',
  ])('is not %s, which is refused without a word of its credentials', (url) => {
    expect(() => parseAddress(url)).toThrow(RangeError);
    expect(() => parseAddress(url)).not.toThrow(/sesame/);
  });
});
