import { isCartName, isOwner } from '@cartage/cart';
import { hasCode } from '@cartage/event-store';
import type { OperatorAnswer, OperatorRoute } from '@cartage/runtime';
import type { NamedStore } from './serving-store.ts';

const pattern = /^\/v1\/owners\/([^/]+)\/carts\/([^/]+)$/;

/** For operators: a cart as one read store has it, to be compared by hand. Nobody's eyes are spared: it is the view as stored. */
export const storedCart = (stores: readonly NamedStore[]): OperatorRoute => ({
  path: '/v1/owners/{owner}/carts/{name}?store=',
  answer: ({ pathname, searchParams }) => {
    const [, owner, name] = pattern.exec(pathname)?.map(decoded) ?? [];
    if (owner === undefined || name === undefined) return undefined;
    if (!isOwner(owner)) return badRequest('owner: expected u~<user id> or g~<guest id>');
    if (!isCartName(name)) return badRequest('name: expected 1 to 32 characters of A-Z a-z 0-9 _ -');
    const store = stores.find((one) => one.name === searchParams.get('store'));
    const known = stores.map((one) => one.name).join(', ');
    return store ? lookUp(store, `${owner}~${name}`) : badRequest(`store: expected one of ${known}`);
  },
});

async function lookUp(store: NamedStore, id: string): Promise<OperatorAnswer> {
  try {
    const view = await (await store.open()).get(id);
    const body = { store: store.name, id, revision: view?.revision ?? -1, view: view ?? null };
    return { status: 200, body };
  } catch (error) {
    if (!hasCode(error, 'unavailable')) throw error;
    return { status: 503, body: { status: 'unavailable', reason: error.message } };
  }
}

const badRequest = (reason: string): Promise<OperatorAnswer> =>
  Promise.resolve({ status: 400, body: { status: 'bad request', reason } });

/** What is no percent-encoding is no owner and no name either. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
