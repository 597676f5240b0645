import { hash } from 'node:crypto';
import { customerOwner } from '@cartage/cart';
import type { Jwks } from '@cartage/runtime';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { anonymous, type Caller, type Principal, type Scope, scopes } from './principal.ts';

/** Whose tokens are believed. `key` finds the key a token's header names; algorithms other than these are refused. */
export type TokenIssuer = {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly key: JWTVerifyGetKey;
};

type Verified = { readonly principal: Principal; readonly expiresAt: number };

const clockTolerance = 5;

/**
 * Access tokens (JWT) of users and services. A token that was granted `carts:read` or `carts:write` is a service's, any other a
 * user's, named by `sub`. Scopes stand in `scope`, space-separated (RFC 8693, 4.2), or in `scp`, as Okta and Entra ID name it; in
 * either they may be an array. Once verified, a token is remembered by its SHA-256 until it expires; a key that its issuer withdraws
 * therefore still counts for the tokens already seen.
 */
export class AccessTokens {
  readonly #issuer: TokenIssuer;
  readonly #capacity: number;
  readonly #verified = new Map<string, Verified>();

  /** Remembers the latest `capacity` tokens. */
  constructor(issuer: TokenIssuer, capacity = 20_000) {
    this.#issuer = issuer;
    this.#capacity = capacity;
  }

  /** Whom an earlier `verify` of the same token found, while it has not expired. */
  recall(token: string, now = Date.now()): Principal | undefined {
    const key = keyOf(token);
    const known = this.#verified.get(key);
    if (known === undefined) return undefined;
    if (known.expiresAt > now) return known.principal;
    this.#verified.delete(key);
    return undefined;
  }

  /** Whom the token speaks for, or why it speaks for nobody. Clocks may differ by 5 s. */
  async verify(token: string): Promise<Caller> {
    try {
      const { key, issuer, audience, algorithms } = this.#issuer;
      const options = { issuer, audience, algorithms: [...algorithms], clockTolerance };
      const { payload } = await jwtVerify(token, key, { ...options, requiredClaims: ['sub', 'exp'] });
      const principal = principalOf(payload);
      this.#remember(keyOf(token), { principal, expiresAt: (payload.exp ?? 0) * 1000 });
      return principal;
    } catch (error) {
      return anonymous(reasonOf(error));
    }
  }

  #remember(key: string, verified: Verified): void {
    this.#verified.set(key, verified);
    if (this.#verified.size <= this.#capacity) return;
    const [oldest] = this.#verified.keys();
    if (oldest !== undefined) this.#verified.delete(oldest);
  }
}

/**
 * An issuer that publishes its keys (RFC 7517). They are fetched at the first token, kept for 10 minutes, and asked for again at most
 * every 30 s when a token names a key that is not among them; an answer takes at most 3 s.
 */
export function publishedIssuer({ url, issuer, audience, algorithms }: Jwks): TokenIssuer {
  const find = createRemoteJWKSet(new URL(url), { timeoutDuration: 3000 });
  return {
    issuer,
    audience,
    algorithms,
    key: async (header, token) => {
      try {
        return await find(header, token);
      } catch (error) {
        throw isTokensFault(error) ? error : new IssuerUnavailable('No keys.', { cause: error });
      }
    },
  };
}

class IssuerUnavailable extends Error {}

const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

function reasonOf(error: unknown): 'issuer_unavailable' | 'expired' | 'malformed' | 'untrusted' {
  if (error instanceof IssuerUnavailable) return 'issuer_unavailable';
  if (error instanceof errors.JWTExpired) return 'expired';
  return error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid ? 'malformed' : 'untrusted';
}

/** @throws {InvalidId} `sub` names no user */
function principalOf({ sub = '', scope, scp }: JWTPayload): Principal {
  const words = [scope, scp].flat().flatMap(wordsOf);
  const granted = scopes.filter((known) => words.includes(known));
  return granted.length > 0
    ? { kind: 'service', subject: sub, scopes: new Set<Scope>(granted) }
    : { kind: 'user', owner: customerOwner(sub) };
}

const wordsOf = (claim: unknown): readonly string[] => (typeof claim === 'string' ? claim.split(' ') : []);

const keyOf = (token: string): string => hash('sha256', token, 'base64');
