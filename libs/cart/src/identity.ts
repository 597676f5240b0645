import { hash32 } from './hash.ts';

export type CartKind = 'guest' | 'customer';

/** How many buckets carts are spread over: one is 0.01 % of the owners. */
export const bucketCount = 10_000;

const longestOwner = 200;
const ownerPattern = /^(?:u~(?:[A-Za-z0-9\-_.!*'()]|%[0-9A-F]{2})+|g~[A-Za-z0-9_-]{22})$/;
const namePattern = /^[A-Za-z0-9_-]{1,32}$/;

/** An id that cannot name an owner or a cart. */
export class InvalidId extends Error {
  override readonly name = 'InvalidId';
  readonly code = 'invalid_id';
}

/**
 * The owner key of a customer, `u~<user id>`, percent-escaped so that `~`, `/` and control characters cannot occur in it.
 *
 * @throws {InvalidId} the id is empty, not well-formed Unicode, or over 198 characters once escaped
 */
export function customerOwner(userId: string): string {
  const owner = `u~${escapeId(userId)}`;
  if (!isOwner(owner)) throw new InvalidId('A user id has 1 to 198 characters, counted percent-escaped.');
  return owner;
}

/** The owner key of a guest, `g~<guest id>`; the id is 128 random bits in base64url (22 characters). */
export function guestOwner(guestId: string): string {
  const owner = `g~${guestId}`;
  if (!isOwner(owner)) throw new InvalidId('A guest id is 128 bits in base64url: 22 characters.');
  return owner;
}

export const isOwner = (text: string): boolean =>
  text.length <= longestOwner && ownerPattern.test(text) && isOneSpelling(text);
export const isCartName = (text: string): boolean => namePattern.test(text);

/** `u~42` and `main` make `u~42~main`. The key is computed, never looked up. */
export function cartIdOf(owner: string, name = 'main'): string {
  if (!isOwner(owner)) throw new InvalidId(`"${owner}" is not an owner: u~<user id> or g~<guest id>.`);
  if (!isCartName(name)) throw new InvalidId('A cart name has 1 to 32 characters of A-Z a-z 0-9 _ -.');
  return `${owner}~${name}`;
}

/** The parts of a cart id. @throws {InvalidId} it is none */
export function partsOf(cartId: string): {
  readonly owner: string;
  readonly name: string;
  readonly kind: CartKind;
} {
  if (!isCartId(cartId)) throw new InvalidId(`"${cartId}" is not a cart id such as u~42~main.`);
  const [owner, name] = split(cartId);
  return { owner, name, kind: kindOf(owner) };
}

function isCartId(text: string): boolean {
  const [owner, name] = split(text);
  return isOwner(owner) && isCartName(name);
}

function split(cartId: string): readonly [owner: string, name: string] {
  const end = cartId.lastIndexOf('~');
  return [cartId.slice(0, end), cartId.slice(end + 1)];
}

/** Of an owner or a cart id. */
export const kindOf = (id: string): CartKind => (id.startsWith('g~') ? 'guest' : 'customer');

/** The owner's bucket, 0 to 9,999. Fixed for ever. */
export const bucketOf = (owner: string): number => hash32(owner) % bucketCount;

/** `cart-0421.u~42~main`: the bucket stands in the name, so a share of all carts is a stream prefix. */
export function streamOf(cartId: string): string {
  const [owner] = split(cartId);
  return `cart-${bucketOf(owner).toString().padStart(4, '0')}.${cartId}`;
}

/** The cart a stream belongs to; undefined for a stream that is no cart's, a cart's name under another bucket among them. */
export function cartOfStream(stream: string): string | undefined {
  const cartId = stream.slice(stream.indexOf('.') + 1);
  return isCartId(cartId) && streamOf(cartId) === stream ? cartId : undefined;
}

/** `%41` would be another spelling of `A`: a customer would have two carts of one name. */
function isOneSpelling(owner: string): boolean {
  if (!owner.includes('%')) return true;
  try {
    return `u~${escapeId(decodeURIComponent(owner.slice(2)))}` === owner;
  } catch {
    return false;
  }
}

function escapeId(userId: string): string {
  try {
    return encodeURIComponent(userId).replaceAll('~', '%7E');
  } catch {
    throw new InvalidId('A user id must be well-formed Unicode.');
  }
}
