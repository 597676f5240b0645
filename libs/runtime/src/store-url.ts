import { z } from 'zod';

/** A store by name and URL. The scheme picks the adapter; `?generation=v2` picks the set of tables. */
export type StoreUrl = { readonly name: string; readonly url: string };

const eventStoreSchemes = ['embedded:'];
const readStoreSchemes = ['embedded:'];

/** Commas also stand between the hosts of a cluster: only one before a name or a scheme begins the next store. */
const betweenStores = /,\s*(?=(?:[\w-]+=)?(?:embedded:|[a-z][a-z0-9+]*:\/\/))/;
const named = /^(?:([\w-]+)=)?(([a-z][a-z0-9+]*):.+)$/;

function parse(text: string, schemes: readonly string[], context: z.RefinementCtx): StoreUrl {
  const [, name, url, scheme] = named.exec(text.trim()) ?? [];
  const known = schemes.includes(`${scheme}:`) && URL.canParse(url ?? '');
  if (!known)
    context.addIssue(`a URL that begins with ${schemes.join(' or ')}, such as embedded:./.data/events`);
  return { name: name ?? scheme ?? '', url: url ?? '' };
}

export const storeUrl = z.string().transform((text, context) => parse(text, eventStoreSchemes, context));

export const storeUrls = z.string().transform((text, context) => {
  const stores = text.split(betweenStores).map((part) => parse(part, readStoreSchemes, context));
  if (new Set(stores.map(({ name }) => name)).size < stores.length)
    context.addIssue('stores with distinct names: name=url,other=url');
  return stores;
});
