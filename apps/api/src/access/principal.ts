import type {} from 'fastify';
import type { Problem } from '../problems.ts';
import { denied } from './denied.ts';

export type Scope = 'carts:read' | 'carts:write';
export const scopes: readonly Scope[] = ['carts:read', 'carts:write'];

/** Who a valid token speaks for. `owner` is the owner key of the carts it may touch: `g~<guest id>` or `u~<user id>`. */
export type Principal =
  | { readonly kind: 'guest'; readonly owner: string }
  | { readonly kind: 'user'; readonly owner: string }
  | { readonly kind: 'service'; readonly subject: string; readonly scopes: ReadonlySet<Scope> };

/** Why nobody is authenticated. For operators and tests: all but `missing` and `issuer_unavailable` are one 401 to the caller. */
export type Anonymity =
  'missing' | 'malformed' | 'unknown_key' | 'tampered' | 'expired' | 'untrusted' | 'issuer_unavailable';

export type Anonymous = { readonly kind: 'anonymous'; readonly reason: Anonymity };
export type Caller = Principal | Anonymous;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any route runs. Anonymous where no valid token was presented: routes decide whether that matters. */
    principal: Caller;
  }
}

type Called = { readonly principal: Caller };

export const anonymous = (reason: Anonymity): Anonymous => ({ kind: 'anonymous', reason });

/**
 * The owner key of the shopper, guest or user, whose own carts the request is about.
 *
 * @throws {Problem} `unauthenticated`, or `forbidden` for a service
 */
export function ownerOf({ principal }: Called): string {
  switch (principal.kind) {
    case 'guest':
    case 'user':
      return principal.owner;
    case 'service':
      throw denied('forbidden', 'A service has no carts of its own: use /v1/owners/{owner}/carts.');
    case 'anonymous':
      throw unauthenticated(principal);
  }
}

/**
 * The owner key of a signed-in user.
 *
 * @throws {Problem} `unauthenticated`, or `forbidden` for anybody but a user
 */
export function customerOf({ principal }: Called): string {
  switch (principal.kind) {
    case 'user':
      return principal.owner;
    case 'guest':
    case 'service':
      throw denied('forbidden', 'Only a signed-in user may do this.');
    case 'anonymous':
      throw unauthenticated(principal);
  }
}

/**
 * Passes for a service that was granted the scope. No scope contains another.
 *
 * @throws {Problem} `unauthenticated`, `forbidden` for a shopper, or `insufficient_scope`
 */
export function requireScope({ principal }: Called, scope: Scope): void {
  switch (principal.kind) {
    case 'service':
      if (principal.scopes.has(scope)) return;
      throw denied('insufficient_scope', `The token lacks the scope ${scope}.`, {
        'www-authenticate': `Bearer realm="cartage", error="insufficient_scope", scope="${scope}"`,
      });
    case 'guest':
    case 'user':
      throw denied('forbidden', 'Only a service may use the carts of others: use /v1/carts.');
    case 'anonymous':
      throw unauthenticated(principal);
  }
}

/** RFC 6750, section 3: no error code for a request that brought no token. */
function unauthenticated({ reason }: Anonymous): Problem {
  switch (reason) {
    case 'missing':
      return denied('unauthenticated', 'A token is needed: Authorization: Bearer <token>.', {
        'www-authenticate': 'Bearer realm="cartage"',
      });
    case 'malformed':
    case 'unknown_key':
    case 'tampered':
    case 'expired':
    case 'untrusted':
      return denied('unauthenticated', 'The token is not valid, or no longer.', {
        'www-authenticate': 'Bearer realm="cartage", error="invalid_token"',
      });
    case 'issuer_unavailable':
      return denied('issuer_unavailable', 'Tokens cannot be checked right now: their issuer is silent.', {
        'retry-after': '5',
      });
  }
}
