import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { guestOwner } from '@cartage/cart';
import { type GuestKey, InvalidConfiguration } from '@cartage/runtime';
import { anonymous, type Caller } from './principal.ts';

/** `expiresAt` in ms since the epoch. */
export type GuestPass = { readonly guestId: string; readonly token: string; readonly expiresAt: number };

const version = 'v1';
const longestToken = 200;
const leastSecret = 32;

/**
 * Lets guests in without a session store: a token is `v1.<key id>.<guest id>.<expiry, ms>.<mac>`, where the mac is the
 * HMAC-SHA-256 (base64url) of everything before it. Whoever holds the token is the guest.
 */
export class GuestTokens {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #signer: string;

  /**
   * The first key signs, all verify: put a new key first, and drop an old one when its last token has expired. Tokens live
   * `lifetime` ms.
   *
   * @throws {InvalidConfiguration} no key, two of one id, or a secret under 32 bytes
   */
  constructor(
    keys: readonly GuestKey[],
    readonly lifetime: number,
  ) {
    const [signer] = keys;
    if (!signer) throw new InvalidConfiguration('GUEST_TOKEN_KEYS: expected at least one key');
    this.#signer = signer.id;
    this.#keys = new Map(keys.map(({ id, secret }) => [id, keyOf(id, secret)]));
    if (this.#keys.size < keys.length)
      throw new InvalidConfiguration('GUEST_TOKEN_KEYS: expected keys of distinct ids');
  }

  /** A guest nobody was before: 128 random bits. Remembered nowhere but in the token. */
  issue(now = Date.now()): GuestPass {
    const guestId = randomBytes(16).toString('base64url');
    const expiresAt = now + this.lifetime;
    const signed = `${version}.${this.#signer}.${guestId}.${expiresAt}`;
    return { guestId, token: `${signed}.${this.#macOf(this.#signer, signed)}`, expiresAt };
  }

  /** The guest a token speaks for, or why it speaks for nobody. */
  verify(token: string, now = Date.now()): Caller {
    const [prefix, keyId = '', guestId = '', expiry = '', mac = '', ...rest] = token.split('.', 6);
    if (token.length > longestToken || prefix !== version || mac === '' || rest.length > 0)
      return anonymous('malformed');
    const expected = this.#macOf(keyId, token.slice(0, -mac.length - 1));
    if (expected === undefined) return anonymous('unknown_key');
    if (!isEqual(mac, expected)) return anonymous('tampered');
    if (!(Number(expiry) > now)) return anonymous('expired');
    return { kind: 'guest', owner: guestOwner(guestId) };
  }

  #macOf(keyId: string, text: string): string | undefined {
    const key = this.#keys.get(keyId);
    return key && createHmac('sha256', key).update(text).digest('base64url');
  }
}

/** What tells a guest's token from a JWT, whose first part is a JSON object in base64url. */
export const isGuestToken = (token: string): boolean => token.startsWith(`${version}.`);

function keyOf(id: string, secret: string): KeyObject {
  const bytes = Buffer.from(secret, 'base64');
  if (bytes.length < leastSecret)
    throw new InvalidConfiguration(`GUEST_TOKEN_KEYS: expected 32 random bytes in base64 for key ${id}`);
  return createSecretKey(bytes);
}

/** Compares the texts, not the bytes they stand for: base64url has several spellings of the same bytes. */
function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
