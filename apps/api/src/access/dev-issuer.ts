import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { TokenIssuer } from './access-tokens.ts';
import type { DevKeys } from './dev-keys.ts';

/** `expiresAt` in ms since the epoch. */
export type DevToken = { readonly token: string; readonly expiresAt: number };

const algorithm = 'ES256';
const lifetime = 24 * 60 * 60;

/** Signs anybody in as anybody, for a development machine without an issuer of its own. Tokens live a day. */
export class DevIssuer implements TokenIssuer {
  readonly issuer = 'urn:cartage:dev';
  readonly audience = 'cartage';
  readonly algorithms = [algorithm];
  readonly key: () => KeyObject;
  readonly #privateKey: KeyObject;

  constructor({ privateKey, publicKey }: DevKeys) {
    this.#privateKey = privateKey;
    this.key = () => publicKey;
  }

  /** A user's token, or a service's when scopes are given. */
  async signIn(userId: string, scope?: string): Promise<DevToken> {
    const issuedAt = Math.floor(Date.now() / 1000);
    const token = await new SignJWT(scope === undefined ? {} : { scope })
      .setProtectedHeader({ alg: algorithm })
      .setIssuer(this.issuer)
      .setAudience(this.audience)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetime)
      .sign(this.#privateKey);
    return { token, expiresAt: (issuedAt + lifetime) * 1000 };
  }
}
