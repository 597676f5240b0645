import { z } from 'zod';

/** A store by name and URL. The scheme picks the adapter; `?generation=v2` picks the set of tables. */
export type StoreUrl = { readonly name: string; readonly url: string };

/** The schemes that have an adapter, the settings a URL of each may hold after `?`, and what one looks like. */
type Schemes = ReadonlyMap<string, { readonly settings: readonly string[]; readonly example: string }>;

const eventStoreSchemes: Schemes = new Map([
  ['embedded', { settings: [], example: 'embedded:./.data/events' }],
]);
const readStoreSchemes: Schemes = new Map([
  ['embedded', { settings: ['generation'], example: 'embedded:./.data/views' }],
]);

/** Commas also stand between the hosts of a cluster: only one before a name or a scheme begins the next store. */
const betweenStores = /,\s*(?=(?:[\w-]+=)?(?:embedded:|[a-z][a-z0-9+]*:\/\/))/;
const named = /^(?:([\w-]+)=)?(([a-z][a-z0-9+]*):.+)$/;
/** With `carts_` before it, a name that every engine takes for its tables. */
const generationPattern = /^\w{1,40}$/;

export const storeUrl = z.string().transform((text, context) => {
  const store = parse(text);
  const expected = flawOf(store.url, eventStoreSchemes);
  if (expected) context.addIssue(expected);
  return store;
});

export const storeUrls = z.string().transform((text, context) => {
  const stores = text.split(betweenStores).map(parse);
  stores.forEach(({ url }, i) => {
    const expected = flawOf(url, readStoreSchemes);
    if (expected) context.addIssue(stores.length > 1 ? `as store ${i + 1} ${expected}` : expected);
  });
  if (new Set(stores.map(({ name }) => name)).size < stores.length)
    context.addIssue('stores with distinct names: name=url,other=url');
  return stores;
});

function parse(text: string): StoreUrl {
  const [, name, url, scheme] = named.exec(text.trim()) ?? [];
  return { name: name ?? scheme ?? '', url: url ?? '' };
}

/** What was expected instead of this URL; undefined when there is nothing to say against it. */
function flawOf(url: string, schemes: Schemes): string | undefined {
  const scheme = schemes.get(url.slice(0, url.indexOf(':')));
  if (!scheme || !URL.canParse(url)) {
    const known = [...schemes.keys()].map((name) => `${name}:`).join(' or ');
    const examples = [...schemes.values()].map(({ example }) => example).join(' or ');
    return `a URL that begins with ${known}, such as ${examples}`;
  }
  const { searchParams, hash, pathname } = new URL(url);
  const unknown = [...searchParams.keys()].find((name) => !scheme.settings.includes(name));
  if (unknown !== undefined) return `no setting "${unknown}" in a URL such as ${scheme.example}`;
  if (hash !== '' || pathname.includes(',') || !folderOf({ url }))
    return `a folder (with # as %23, % as %25, a comma as %2C), such as ${scheme.example}`;
  const generation = searchParams.get('generation');
  if (generation !== null && !generationPattern.test(generation))
    return 'a generation of up to 40 letters, digits and _, such as ?generation=v2';
  return undefined;
}

/** The folder of an embedded store; undefined for a URL that names none. */
export function folderOf({ url }: Pick<StoreUrl, 'url'>): string | undefined {
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== 'embedded:' || host !== '') return undefined;
  try {
    return decodeURIComponent(pathname) || undefined;
  } catch {
    return undefined;
  }
}

/** `carts_v2` for `?generation=v2`; undefined, the adapter's default, where the URL names none. */
export function generationOf({ url }: Pick<StoreUrl, 'url'>): string | undefined {
  const generation = new URL(url).searchParams.get('generation');
  return generation === null ? undefined : `carts_${generation}`;
}
