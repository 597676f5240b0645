import { parseAddress, placeOf } from './address.ts';

describe('the URL of a Cassandra', () => {
  it.each([
    ['cassandra://localhost/cartage', ['localhost'], 9042],
    ['cassandra://a,b:19042/cartage', ['a', 'b'], 19_042],
    ['cassandra://a:1,b-2.example.com:1,[::1]/cartage', ['a', 'b-2.example.com', '[::1]'], 1],
  ] as const)('%s leads to its nodes', (url, hosts, port) => {
    expect(parseAddress(url)).toEqual({
      hosts,
      port,
      keyspace: 'cartage',
      dataCenter: 'datacenter1',
      tls: false,
      gcGrace: 864_000,
      ttl: true,
    });
  });

  it('holds settings, in any case, and credentials, escaped', () => {
    const url =
      'cassandra://us%3Aer:p%40ss%2F:word@h:1/Shop_2?DC=Europe&tls=true&ca=ca.pem&replication=3&compaction=leveled&gcgrace=0&ttl=off&generation=v2';
    expect(parseAddress(url)).toEqual({
      hosts: ['h'],
      port: 1,
      keyspace: 'Shop_2',
      dataCenter: 'Europe',
      credentials: { username: 'us:er', password: 'p@ss/:word' },
      tls: true,
      ca: 'ca.pem',
      replication: 3,
      compaction: 'leveled',
      gcGrace: 0,
      ttl: false,
    });
    expect(placeOf(parseAddress(url))).toBe('Cassandra at h:1/Shop_2');
  });

  it.each([
    ['http://h/cartage', /such as cassandra:/],
    ['cassandra:h/cartage', /such as cassandra:/],
    ['cassandra://u:sesame@/cartage', /such as cassandra:/],
    ['cassandra://u:sesame@h', /such as cassandra:/],
    ['cassandra://u:sesame@h/', /name of a keyspace/],
    ['cassandra://u:sesame@h/a-b', /name of a keyspace/],
    [`cassandra://u:sesame@h/${'k'.repeat(49)}`, /name of a keyspace/],
    ['cassandra://u:sesame@h/a/b', /such as cassandra:/],
    ['cassandra://u:sesame@h:0/cartage', /hosts as name:port/],
    ['cassandra://u:sesame@h:99999/cartage', /hosts as name:port/],
    ['cassandra://u:sesame@h:1,i:2/cartage', /one port for all hosts/],
    ['cassandra://u:sesame@h,,i/cartage', /hosts as name:port/],
    ['cassandra://u@h/cartage', /user:password/],
    ['cassandra://:sesame@h/cartage', /user:password/],
    ['cassandra://u:sesame%@h/cartage', /user:password/],
    ['cassandra://u:sesame@h/cartage?datacenter=x', /no setting "datacenter".*there are dc,/],
    ['cassandra://u:sesame@h/cartage?dc=', /a value behind dc=/],
    ['cassandra://u:sesame@h/cartage?tls=yes', /tls to be true or false/],
    ['cassandra://u:sesame@h/cartage?ca=ca.pem', /tls=true with ca/],
    ['cassandra://u:sesame@h/cartage?replication=0', /replication to be a whole number from 1/],
    ['cassandra://u:sesame@h/cartage?gcGrace=10d', /gcGrace to be a whole number from 0/],
    ['cassandra://u:sesame@h/cartage?compaction=none', /compaction to be unified or leveled or sizeTiered/],
    ['cassandra://u:sesame@h/cartage?ttl=3600', /ttl to be on or off/],
  ])('is not %s, which is refused without a word of its credentials', (url, expected) => {
    expect(() => parseAddress(url)).toThrow(
      expect.objectContaining({ code: 'invalid_address', message: expect.stringMatching(expected) }),
    );
    expect(() => parseAddress(url)).not.toThrow(/sesame/);
  });
});
