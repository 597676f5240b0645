import { type Env, readConfig } from './config.ts';
import { folderOf, generationOf, isEventStoreDb } from './store-url.ts';

/** What is said against an environment: what stands after `NAME: expected` in each line. */
function mistakesIn(env: Env): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    const [, ...lines] = String(error).split('\n');
    return lines.map((line) => line.replace(/^.*?: expected /, ''));
  }
}

const noAdapter =
  'a URL that begins with embedded: or cassandra: or dynamodb: or mongodb: or mongodb+srv:, such as ' +
  'embedded:./.data/views or cassandra://a,b:9042/cartage?dc=dc1 or dynamodb://eu-west-1/carts or ' +
  'mongodb://a,b:27017/cartage';
const noFolder = 'a folder (with # as %23, % as %25, a comma as %2C), such as embedded:./.data/views';
const noGeneration = 'a generation of up to 40 letters, digits and _, such as ?generation=v2';

describe('READ_STORES', () => {
  it('names several stores in the order given, each by a name or by its scheme', () => {
    const several = 'a=embedded:./a, embedded:./b?generation=v2,c-1=embedded:/c%2Cd';
    expect(readConfig({ READ_STORES: several }).readStores).toEqual([
      { name: 'a', url: 'embedded:./a' },
      { name: 'embedded', url: 'embedded:./b?generation=v2' },
      { name: 'c-1', url: 'embedded:/c%2Cd' },
    ]);
  });

  it.each([
    ['views', noAdapter],
    ['embedded', noAdapter],
    ['./.data/views', noAdapter],
    ['redis://a', noAdapter],
    ['esdb://a:2113', noAdapter],
    ['constructor:./x', noAdapter],
    ['a b=embedded:./x', noAdapter],
    ['embedded:?generation=v2', noFolder],
    ['embedded://host/views', noFolder],
    ['embedded:./a#b', noFolder],
    ['embedded:./100%', noFolder],
    ['embedded:./a,b', noFolder],
    ['embedded:./a?generaton=v2', 'no setting "generaton" in a URL such as embedded:./.data/views'],
    ['embedded:./a?generation=', noGeneration],
    ['embedded:./a?generation=v-2', noGeneration],
    ['mongodb://a,b:27017/cartage?generation=v-2', noGeneration],
    ['mongodb://a/cartage?generation=v1&generation=v2', noGeneration],
  ])('is not %s: expected is %s', (value, expected) => {
    expect(mistakesIn({ READ_STORES: value })).toEqual([expected]);
  });

  it('says which of several stores is wrong, and does not take the comma between hosts for the end of one', () => {
    expect(mistakesIn({ READ_STORES: 'a=embedded:./a,redis://a,b:9042/x,c=embedded:./c?x=1' })).toEqual([
      `as store 2 ${noAdapter}`,
      'as store 3 no setting "x" in a URL such as embedded:./.data/views',
    ]);
  });

  it('keeps stores on the network, whose lists of hosts are their own', () => {
    const several =
      'cassandra://a,b:9042/cartage?dc=dc1,dynamodb://eu-west-1/carts,main=mongodb://user:p%40ss@a:1,b:2/cartage?generation=v2';
    expect(readConfig({ READ_STORES: several }).readStores).toEqual([
      { name: 'cassandra', url: 'cassandra://a,b:9042/cartage?dc=dc1' },
      { name: 'dynamodb', url: 'dynamodb://eu-west-1/carts' },
      { name: 'main', url: 'mongodb://user:p%40ss@a:1,b:2/cartage?generation=v2' },
    ]);
    expect(readConfig({ READ_STORES: 'mongodb+srv://cluster.example.com/cartage' }).readStores).toEqual([
      { name: 'mongodb', url: 'mongodb+srv://cluster.example.com/cartage' },
    ]);
  });

  it.each([
    'cassandra://user:sesame@a/?dc=dc1',
    'dynamodb://user:sesame@eu-west-1/carts',
    'mongodb://user:sesame@a',
    'mongodb://user:sesame@a/cartage?colour=red',
  ])('is not %s: the adapter says why, and nothing of credentials', (url) => {
    const [expected = '', ...others] = mistakesIn({ READ_STORES: url });
    expect(expected).not.toMatch(/^$|sesame|begins with/);
    expect(others).toEqual([]);
  });

  it.each(['embedded:./a,embedded:./b', 'a=embedded:./a,b=embedded:./b,a=embedded:./c'])(
    'tells its stores apart by name: %s is refused',
    (value) => {
      expect(mistakesIn({ READ_STORES: value })).toEqual(['stores with distinct names: name=url,other=url']);
    },
  );
});

describe('EVENT_STORE', () => {
  it('is one store, without generations', () => {
    const noLog =
      'a URL that begins with embedded: or esdb: or esdb+discover: or kurrentdb: or kurrentdb+discover:, ' +
      'such as embedded:./.data/events or esdb://user:password@host:2113';
    expect(mistakesIn({ EVENT_STORE: 'mongodb://a' })).toEqual([noLog]);
    expect(mistakesIn({ EVENT_STORE: 'embedded:./a?generation=v2' })).toEqual([
      'no setting "generation" in a URL such as embedded:./.data/events',
    ]);
    expect(mistakesIn({ EVENT_STORE: 'embedded:./a,b=embedded:./b' })).toHaveLength(1);
  });

  it.each([
    'esdb://a:2113?tls=false',
    'esdb+discover://user:pass%40word@cluster:2113',
    'kurrentdb://a:1,b:2,c:3?tlsCaFile=ca.pem&nodePreference=leader',
  ])('is %s', (url) => {
    const { eventStore } = readConfig({ EVENT_STORE: url });
    expect(eventStore.url).toBe(url);
    expect(folderOf(eventStore)).toBeUndefined();
    expect(isEventStoreDb(eventStore)).toBe(true);
  });

  it('says what an EventStoreDB’s URL should be, and nothing of its credentials', () => {
    expect(mistakesIn({ EVENT_STORE: 'esdb://user:sesame@a:0' })).toEqual([
      expect.stringMatching(/^hosts as name:port(?!.*sesame)/),
    ]);
  });
});

it.each([
  ['embedded:./.data/views', './.data/views'],
  ['embedded:/var/lib/cartage?generation=v2', '/var/lib/cartage'],
  ['embedded:///var/lib/cartage', '/var/lib/cartage'],
  ['embedded:./a b/ü%23%25%2C%3F', './a b/ü#%,?'],
  ['mongodb://a/views', undefined],
])('the folder of %s is %s', (url, folder) => {
  expect(folderOf({ url })).toBe(folder);
});

it('the generation names the set of tables, and is left to the store where none is given', () => {
  expect(generationOf({ url: 'embedded:./a?generation=v2' })).toBe('carts_v2');
  expect(generationOf({ url: 'mongodb://a:1,b:2/cartage?generation=v3&w=majority' })).toBe('carts_v3');
  expect(generationOf({ url: 'embedded:./a' })).toBeUndefined();
});
