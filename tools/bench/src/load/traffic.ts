import { below, type Random } from './random.ts';
import type { ShopperRequests } from './requests.ts';
import { zipf } from './zipf.ts';

/**
 * What is sent. `seed`: every kept line of every cart once. `writes`: 65 % adds and 35 % changes over all carts alike. `reads`:
 * carts by Zipf. `mixed`: carts by Zipf, 3 reads to 1 write, 35 % of the writes changes and removals.
 */
export type Plan = 'seed' | 'writes' | 'reads' | 'mixed';

/** The next request, or undefined when there are no more. */
export type Draw = () => Buffer | undefined;

const readShare = 0.75;
const updateShare = 0.35;

export function traffic(plan: Plan, shoppers: readonly ShopperRequests[], random: Random): Draw {
  const carts = shoppers.map((requests) => ({ requests, changes: 0 }));
  const byZipf = zipf(carts.length, random);
  const hot = (): Cart => at(carts, byZipf());
  switch (plan) {
    case 'seed': {
      const all = shoppers.flatMap(({ adds }) => adds);
      let next = 0;
      return () => all[next++];
    }
    case 'writes':
      return () => write(at(carts, below(carts.length, random)), random);
    case 'reads':
      return () => hot().requests.read;
    case 'mixed':
      return () => (random() < readShare ? hot().requests.read : mixedWrite(hot(), random));
  }
}

/** `changes`: how many were drawn. */
type Cart = { readonly requests: ShopperRequests; changes: number };

function write(cart: Cart, random: Random): Buffer {
  return random() < updateShare ? nextChange(cart) : pick(cart.requests.adds, random);
}

function mixedWrite(cart: Cart, random: Random): Buffer {
  const { adds, addPassing, removePassing } = cart.requests;
  if (random() >= updateShare) return pick([...adds, addPassing], random);
  return random() < 0.5 ? nextChange(cart) : removePassing;
}

function nextChange(cart: Cart): Buffer {
  const { changes } = cart.requests;
  return at(changes, cart.changes++ % changes.length);
}

const pick = <T>(from: readonly T[], random: Random): T => at(from, below(from.length, random));

function at<T>(from: readonly T[], index: number): T {
  const found = from[index];
  if (found === undefined) throw new RangeError(`There is no number ${index} of ${from.length}.`);
  return found;
}
