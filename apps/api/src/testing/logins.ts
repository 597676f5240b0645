import { streamOf } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { type Answer, type Headed, newGuest, newUser, type Shopper } from './client.ts';

export type Quantities = Readonly<Record<string, number>>;

/** A guest whose main cart holds these. */
export const guestWith = async (url: string, quantities: Quantities): Promise<Shopper> =>
  shopped(await newGuest(url), quantities);

/** A user whose main cart holds these. */
export const userWith = async (url: string, quantities: Quantities): Promise<Shopper> =>
  shopped(await newUser(url), quantities);

/** The merge at the user's login. */
export const login = (user: Shopper, guest: Shopper, more: object = {}, headers?: Headed): Promise<Answer> =>
  user.post('/v1/carts/main/merge', { guestToken: guest.token, ...more }, headers);

/** The types of the events of the shopper's main cart. */
export async function historyOf(events: EventStore, { owner }: Shopper): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of events.read(streamOf(`${owner}~main`))) types.push(type);
  return types;
}

async function shopped(shopper: Shopper, quantities: Quantities): Promise<Shopper> {
  for (const [sku, quantity] of Object.entries(quantities))
    await shopper.post('/v1/carts/main/items', { sku, quantity });
  return shopper;
}
