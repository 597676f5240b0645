import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Jwks } from '@cartage/runtime';
import { type JWTPayload, SignJWT } from 'jose';

export type SigningAlgorithm = 'RS256' | 'ES256';

/** An issuer of users' tokens as a deployment has one, on a port of its own. */
export type TestIssuer = {
  readonly jwks: Jwks;
  readonly publicKey: KeyObject;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** A token that is valid for an hour unless the claims say otherwise; a claim that is undefined is left out. */
  sign(claims: object, algorithm?: SigningAlgorithm): Promise<string>;
  close(): Promise<void>;
};

/** `answer` is the body its key URL serves, given the genuine key set. */
export async function startIssuer(
  answer: (keySet: string) => string = (keySet) => keySet,
): Promise<TestIssuer> {
  const keys = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  const keySet = Object.entries(keys).map(([alg, { publicKey }]) => ({
    ...publicKey.export({ format: 'jwk' }),
    alg,
    kid: alg,
    use: 'sig',
  }));
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end(answer(JSON.stringify({ keys: keySet })));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  const jwks = { url, issuer: 'https://issuer.test', audience: 'shop', algorithms: ['RS256', 'ES256'] };
  return {
    jwks,
    publicKey: keys.RS256.publicKey,
    asked: () => asked,
    sign: (claims, alg = 'ES256') =>
      new SignJWT({ iss: jwks.issuer, aud: jwks.audience, exp: inSeconds(3600), ...claims })
        .setProtectedHeader({ alg, kid: alg })
        .sign(keys[alg].privateKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A time as tokens give it: s since the epoch. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token nobody signed. */
export const unsigned = (claims: JWTPayload): string => `${encoded({ alg: 'none' })}.${encoded(claims)}.`;

/** The token with one bit of its signature or mac turned, in the middle of it. */
export function tampered(token: string): string {
  const at = token.lastIndexOf('.') + 20;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
