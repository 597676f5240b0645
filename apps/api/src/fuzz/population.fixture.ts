import { type Line, streamOf } from '@cartage/cart';
import type { Recorded } from '@cartage/event-store';
import { tampered, unsigned } from '../access/issuer.fixture.ts';
import { newGuest, newService, newUser, type Shopper } from '../testing/client.ts';
import { openShop, type Shop } from '../testing/shop.ts';

export type Role = 'guest' | 'user' | 'writer' | 'reader' | 'nobody';

/** `owners`: whose carts the caller may read, and, unless a reader, change. */
export type FuzzCaller = {
  readonly role: Role;
  readonly authorization: string | undefined;
  readonly owners: readonly string[];
};

/** A shop, those who fuzz it, and two who stand by: nobody else may touch or see their carts. */
export type Population = {
  readonly shop: Shop;
  readonly callers: readonly FuzzCaller[];
  /** Owners whose carts services are told to use. */
  readonly served: readonly string[];
  readonly guestTokens: readonly string[];
  readonly bystanders: readonly Shopper[];
};

/** What only bystanders' carts hold. */
export const secret = 'bystander-secret';

const served = ['u~served', 'u~__proto__', 'u~a%7Eb', `u~${'x'.repeat(198)}`, `g~${'A'.repeat(22)}`];

export async function populate(): Promise<Population> {
  const shop = await openShop();
  const { url } = shop.api;
  const times = <T>(count: number, make: () => Promise<T>) =>
    Promise.all(Array.from({ length: count }, make));
  const guests = await times(5, () => newGuest(url));
  const users = await times(3, () => newUser(url));
  const bystanders = [await newGuest(url), await newUser(url)];
  for (const bystander of bystanders) {
    const item = { sku: secret, quantity: 3, attributes: { note: secret } };
    await bystander.post('/v1/carts/main/items', item);
    await bystander.post('/v1/carts/gifts/items', item);
  }
  const shoppers = (role: Role, of: readonly Shopper[]) =>
    of.map(({ token, owner }) => ({ role, authorization: `Bearer ${token}`, owners: [owner] }));
  const service = async (role: Role, scope: string) => ({
    role,
    authorization: `Bearer ${(await newService(url, scope)).token}`,
    owners: served,
  });
  const callers = [
    ...shoppers('guest', guests),
    ...shoppers('user', users),
    ...(await times(4, () => service('writer', 'carts:read carts:write'))),
    await service('reader', 'carts:read'),
    ...impostures(bystanders).map((authorization): FuzzCaller => ({
      role: 'nobody',
      authorization,
      owners: [],
    })),
  ];
  return { shop, callers, served, guestTokens: guests.map(({ token }) => token), bystanders };
}

/** What strangers try in order to pass for a bystander or for a service. */
function impostures(bystanders: readonly Shopper[]): readonly (string | undefined)[] {
  const claims = {
    iss: 'urn:cartage:dev',
    aud: 'cartage',
    exp: 4_000_000_000,
    scope: 'carts:read carts:write',
  };
  const tokens = [
    '',
    ' ',
    'v1....',
    'v1.dev.x.9999999999999.x',
    'v1.__proto__.a.9.b',
    'a.b.c',
    '\u00ff',
    'x'.repeat(4000),
  ];
  return [
    undefined,
    '',
    'Bearer',
    'Basic dTpw',
    ...tokens.map((token) => `Bearer ${token}`),
    ...bystanders.flatMap(({ token, owner }) => [
      `Bearer ${tampered(token)}`,
      `Bearer ${token.slice(0, -2)}`,
      `Bearer ${token}, Bearer ${token}`,
      `Token ${token}`,
      `Bearer ${unsigned({ ...claims, sub: owner.slice(2) })}`,
    ]),
  ];
}

/** All there is of the bystanders, in the log and in the read store, as one text. */
export async function bystandersOf({ shop, bystanders }: Population): Promise<string> {
  const { views, stores } = shop;
  const found: [readonly Recorded[], readonly { readonly lines: readonly Line[] }[]][] = [];
  for (const { owner } of bystanders)
    for (const name of ['main', 'gifts']) {
      const stream: Recorded[] = [];
      for await (const event of stores.events.read(streamOf(`${owner}~${name}`))) stream.push(event);
      found.push([stream, await views.list(owner)]);
    }
  return JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** The owners of every stream in the log. */
export async function ownersInLog({ shop }: Population): Promise<ReadonlySet<string>> {
  const { events } = shop.stores;
  const head = await events.head();
  const owners = new Set<string>();
  for await (const batch of events.follow(undefined)) {
    for (const { stream } of batch.events) owners.add(ownerOf(stream.slice(stream.indexOf('.') + 1)));
    if (batch.position >= head) break;
  }
  return owners;
}

export const ownerOf = (cartId: string): string => cartId.slice(0, cartId.lastIndexOf('~'));
