import { type Config, InvalidConfiguration } from '@cartage/runtime';
import { AccessTokens, publishedIssuer } from './access-tokens.ts';
import { DevIssuer } from './dev-issuer.ts';
import { openDevKeys } from './dev-keys.ts';
import { GuestTokens } from './guest-tokens.ts';

/** What tells callers apart. `dev` is there only where no issuer is configured, and never in production. */
export type Access = {
  readonly guests: GuestTokens;
  readonly tokens: AccessTokens;
  readonly dev?: DevIssuer;
};

/**
 * Access as configured; what is not configured comes from the file of development keys.
 *
 * @throws {InvalidConfiguration} a key is unfit, or one is missing in production
 * @throws {DamagedDevKeys} the file of development keys holds something else
 */
export async function openAccess(config: Config): Promise<Access> {
  const { guestKeys, jwks, guestTokenLifetime } = config;
  if (guestKeys && jwks)
    return {
      guests: new GuestTokens(guestKeys, guestTokenLifetime),
      tokens: new AccessTokens(publishedIssuer(jwks)),
    };
  if (config.production)
    throw new InvalidConfiguration('GUEST_TOKEN_KEYS and JWKS_URL: needed in production');
  const keys = await openDevKeys(config.devKeys);
  const guests = new GuestTokens(guestKeys ?? [keys.guestKey], guestTokenLifetime);
  if (jwks) return { guests, tokens: new AccessTokens(publishedIssuer(jwks)) };
  const dev = new DevIssuer(keys);
  return { guests, tokens: new AccessTokens(dev), dev };
}
