import { parseAddress as parseEventStoreDb } from '@cartage/event-store-eventstoredb/address';
import { parseAddress as parseCassandra } from '@cartage/read-store-cassandra/address';
import { parseAddress as parseDynamoDb } from '@cartage/read-store-dynamodb/address';
import { parseAddress as parseMongoDb } from '@cartage/read-store-mongodb/address';
import { z } from 'zod';

/** A store by name and URL. The scheme picks the adapter; `?generation=v2` picks the set of tables. */
export type StoreUrl = { readonly name: string; readonly url: string };

/** The schemes that have an adapter: what a URL of each looks like, and what was expected instead of one that is wrong. */
type Scheme = { readonly example: string; readonly flawOf: (url: string) => string | undefined };
type Schemes = ReadonlyMap<string, Scheme>;

/** A store on the network: its adapter knows what its URLs look like. */
const network = (example: string, parse: (url: string) => unknown): Scheme => ({
  example,
  flawOf: (url) => {
    try {
      parse(url);
      return undefined;
    } catch (error) {
      if (error instanceof RangeError && 'expected' in error) return String(error.expected);
      throw error;
    }
  },
});
const embedded = (example: string, settings: readonly string[]): Scheme => ({
  example,
  flawOf: (url) => folderFlaw(url, example, settings),
});

const eventStoreDb = network('esdb://user:password@host:2113', parseEventStoreDb);
const mongoDb = network('mongodb://a,b:27017/cartage', parseMongoDb);

const eventStoreSchemes: Schemes = new Map([
  ['embedded', embedded('embedded:./.data/events', [])],
  ['esdb', eventStoreDb],
  ['esdb+discover', eventStoreDb],
  ['kurrentdb', eventStoreDb],
  ['kurrentdb+discover', eventStoreDb],
]);
const readStoreSchemes: Schemes = new Map([
  ['embedded', embedded('embedded:./.data/views', ['generation'])],
  ['cassandra', network('cassandra://a,b:9042/cartage?dc=dc1', parseCassandra)],
  ['dynamodb', network('dynamodb://eu-west-1/carts', parseDynamoDb)],
  ['mongodb', mongoDb],
  ['mongodb+srv', mongoDb],
]);

/** Commas also stand between the hosts of a cluster: only one before a name or a scheme begins the next store. */
const betweenStores = /,\s*(?=(?:[\w-]+=)?(?:embedded:|[a-z][a-z0-9+]*:\/\/))/;
const named = /^(?:([\w-]+)=)?(([a-z][a-z0-9+]*):.+)$/;
/** With `carts_` before it, a name that every engine takes for its tables. */
export const isGeneration = (name: string): boolean => /^\w{1,40}$/.test(name);

export const storeUrl = z.string().transform((text, context) => {
  const store = parse(text);
  const expected = flawOf(store.url, eventStoreSchemes);
  if (expected) context.addIssue(expected);
  return store;
});

export const storeUrls = z.string().transform((text, context) => {
  const stores = text.split(betweenStores).map(parse);
  stores.forEach(({ url }, i) => {
    const expected = flawOf(url, readStoreSchemes) ?? generationFlaw(url);
    if (expected) context.addIssue(stores.length > 1 ? `as store ${i + 1} ${expected}` : expected);
  });
  if (new Set(stores.map(({ name }) => name)).size < stores.length)
    context.addIssue('stores with distinct names: name=url,other=url');
  return stores;
});

function parse(text: string): StoreUrl {
  const [, name, url, scheme] = named.exec(text.trim()) ?? [];
  // `mongodb+srv` is one of MongoDB's, and + is no character for a name that stands in a query.
  return { name: name ?? scheme?.split('+', 1)[0] ?? '', url: url ?? '' };
}

/** What was expected instead of this URL; undefined when there is nothing to say against it. */
function flawOf(url: string, schemes: Schemes): string | undefined {
  const scheme = schemes.get(schemeOf(url));
  if (scheme) return scheme.flawOf(url);
  const known = [...schemes.keys()].map((name) => `${name}:`).join(' or ');
  const examples = new Set([...schemes.values()].map(({ example }) => example));
  return `a URL that begins with ${known}, such as ${[...examples].join(' or ')}`;
}

function folderFlaw(url: string, example: string, settings: readonly string[]): string | undefined {
  const folder = `a folder (with # as %23, % as %25, a comma as %2C), such as ${example}`;
  if (!URL.canParse(url)) return folder;
  const { searchParams, hash, pathname } = new URL(url);
  const unknown = [...searchParams.keys()].find((name) => !settings.includes(name));
  if (unknown !== undefined) return `no setting "${unknown}" in a URL such as ${example}`;
  if (hash !== '' || pathname.includes(',') || !folderOf({ url })) return folder;
  return undefined;
}

function generationFlaw(url: string): string | undefined {
  const generations = generationsIn(url);
  return generations.length <= 1 && generations.every(isGeneration)
    ? undefined
    : 'a generation of up to 40 letters, digits and _, such as ?generation=v2';
}

/** The folder of an embedded store; undefined for a URL that names none. */
export function folderOf({ url }: Pick<StoreUrl, 'url'>): string | undefined {
  if (!url.startsWith('embedded:')) return undefined;
  const { host, pathname } = new URL(url);
  if (host !== '') return undefined;
  try {
    return decodeURIComponent(pathname) || undefined;
  } catch {
    return undefined;
  }
}

/** Whether the URL is one of EventStoreDB, or of KurrentDB as it is called now. */
export const isEventStoreDb = ({ url }: Pick<StoreUrl, 'url'>): boolean =>
  eventStoreSchemes.get(schemeOf(url)) === eventStoreDb;

export const schemeOf = (url: string): string => url.slice(0, url.indexOf(':'));

/** Not read by `URL`, which takes no list of hosts with ports. */
function generationsIn(url: string): readonly string[] {
  const settings = [...new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])];
  return settings.filter(([name]) => name.toLowerCase() === 'generation').map(([, value]) => value);
}

/** `carts_v2` for `?generation=v2`; undefined, the adapter's default, where the URL names none. */
export function generationOf({ url }: Pick<StoreUrl, 'url'>): string | undefined {
  const [generation] = generationsIn(url);
  return generation === undefined ? undefined : `carts_${generation}`;
}
