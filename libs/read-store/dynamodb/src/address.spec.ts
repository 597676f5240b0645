import { parseAddress, placeOf } from './address.ts';

describe('the URL of a DynamoDB', () => {
  it('names a region of AWS and the beginning of table names; what it does not say is on', () => {
    const address = parseAddress(' dynamodb://eu-west-1/carts ');
    expect(address).toStrictEqual({ region: 'eu-west-1', base: 'carts', ttl: true, pitr: true });
    expect(placeOf(address)).toBe('DynamoDB in eu-west-1');
  });

  it('may name another server, and how tables are made', () => {
    const url =
      'dynamodb://local/Shop_1.test-2/?endpoint=http://127.0.0.1:8000/&ttl=off&pitr=off&capacity=100,200&generation=v2';
    expect(parseAddress(url)).toStrictEqual({
      region: 'local',
      base: 'Shop_1.test-2',
      endpoint: 'http://127.0.0.1:8000',
      ttl: false,
      pitr: false,
      capacity: { read: 100, write: 200 },
    });
    expect(placeOf(parseAddress(url))).toBe('DynamoDB at http://127.0.0.1:8000');
  });

  it('may escape its endpoint', () => {
    const url = `dynamodb://local/carts?endpoint=${encodeURIComponent('https://[::1]:8000')}`;
    expect(parseAddress(url).endpoint).toBe('https://[::1]:8000');
  });

  it.each([
    'https://dynamodb.eu-west-1.amazonaws.com/carts',
    'dynamodb://eu-west-1',
    'dynamodb://eu-west-1/',
    'dynamodb:///carts',
    'dynamodb://local/carts',
    'dynamodb://eu-west-1/carts/more',
    'dynamodb://eu-west-1/cärts',
    `dynamodb://eu-west-1/${'x'.repeat(201)}`,
    'dynamodb://AKIA:sesame@eu-west-1/carts',
    'dynamodb://local/carts?endpoint=http://AKIA:sesame@127.0.0.1:8000',
    'dynamodb://local/carts?endpoint=127.0.0.1:8000',
    'dynamodb://local/carts?endpoint=http://127.0.0.1:8000/path',
    'dynamodb://local/carts?endpoint=http://127.0.0.1:99999',
    'dynamodb://eu-west-1/carts?ttl=true',
    'dynamodb://eu-west-1/carts?pitr=',
    'dynamodb://eu-west-1/carts?capacity=100',
    'dynamodb://eu-west-1/carts?capacity=0,1',
    'dynamodb://eu-west-1/carts?secretAccessKey=sesame',
  ])('is not %s, which is refused without a word of its credentials', (url) => {
    const refusal = { name: 'InvalidAddress', message: expect.not.stringMatching(/sesame|AKIA/) };
    expect(() => parseAddress(url)).toThrow(expect.objectContaining(refusal));
  });

  it('names the setting it does not know, and those there are', () => {
    const url = 'dynamodb://eu-west-1/carts?table=x';
    expect(() => parseAddress(url)).toThrow(/no setting "table".*endpoint, ttl, pitr, capacity, generation/);
  });
});
