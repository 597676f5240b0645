import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { inSeconds, tampered, type TestIssuer, unsigned } from './issuer.fixture.ts';

/** What a caller's token makes of them, or should. `merged`: a guest whose carts a customer took over. */
export type CallerKind = 'guest' | 'merged' | 'user' | 'reader' | 'writer' | 'both' | 'nobody' | 'impostor';

export const isService = (kind: CallerKind): boolean =>
  kind === 'reader' || kind === 'writer' || kind === 'both';

/** `owner`: whose carts the caller may, or would, touch. */
export type TestCaller = {
  readonly name: string;
  readonly kind: CallerKind;
  readonly token?: string;
  readonly owner: string;
};

export const guestKey = { id: 'k1', secret: randomBytes(32).toString('base64url') };

/** As the API makes them, written down a second time. */
export function guestTokenOf(owner: string, expiresAt = Date.now() + 60_000, key = guestKey): string {
  const signed = `v1.${key.id}.${owner.slice(2)}.${expiresAt}`;
  const mac = createHmac('sha256', Buffer.from(key.secret, 'base64url')).update(signed);
  return `${signed}.${mac.digest('base64url')}`;
}

export const newGuest = (): string => `g~${randomBytes(16).toString('base64url')}`;

/** All who may call, and all who pretend: they claim to be guest A or user A. */
export async function everybody(issuer: TestIssuer): Promise<readonly TestCaller[]> {
  const [guestA, guestB, merged] = [newGuest(), newGuest(), newGuest()];
  const guest = (name: string, kind: CallerKind, owner: string, token = guestTokenOf(owner)) => ({
    name,
    kind,
    owner,
    token,
  });
  const service = async (kind: CallerKind, scope: string): Promise<TestCaller> => ({
    name: `service with ${scope}`,
    kind,
    owner: `u~served-by-${kind}`,
    token: await issuer.sign({ sub: 'orders', scope }, 'RS256'),
  });
  return [
    { name: 'no token', kind: 'nobody', owner: 'u~a' },
    guest('guest A', 'guest', guestA),
    guest('guest B', 'guest', guestB),
    guest('guest whose carts were merged', 'merged', merged),
    { name: 'user A', kind: 'user', owner: 'u~a', token: await issuer.sign({ sub: 'a' }) },
    { name: 'user B', kind: 'user', owner: 'u~b', token: await issuer.sign({ sub: 'b' }) },
    await service('reader', 'carts:read'),
    await service('writer', 'carts:write'),
    await service('both', 'carts:read carts:write'),
    guest('expired guest', 'impostor', guestA, guestTokenOf(guestA, Date.now() - 1)),
    guest('guest, tampered', 'impostor', guestA, tampered(guestTokenOf(guestA))),
    guest(
      'guest, unknown key',
      'impostor',
      guestA,
      guestTokenOf(guestA, undefined, { ...guestKey, id: 'k0' }),
    ),
    ...(await impostors(issuer)),
  ];
}

async function impostors(issuer: TestIssuer): Promise<readonly TestCaller[]> {
  const { issuer: iss, audience: aud } = issuer.jwks;
  const claims = { iss, aud, sub: 'a', exp: inSeconds(3600) };
  const powers = { ...claims, scope: 'carts:read carts:write' };
  const publicKey = createSecretKey(Buffer.from(issuer.publicKey.export({ type: 'spki', format: 'pem' })));
  const tokens = {
    'expired user': await issuer.sign({ ...claims, exp: inSeconds(-60) }),
    'expired service': await issuer.sign({ ...powers, exp: inSeconds(-60) }),
    'wrong issuer': await issuer.sign({ ...claims, iss: 'https://other.test' }),
    'wrong audience': await issuer.sign({ ...powers, aud: 'warehouse' }),
    'alg: none': unsigned(claims),
    'alg: none, as a service': unsigned(powers),
    'HMAC with the public key': await new SignJWT(powers)
      .setProtectedHeader({ alg: 'HS256', kid: 'RS256' })
      .sign(publicKey),
    'user, tampered': tampered(await issuer.sign(claims)),
    'service, tampered': tampered(await issuer.sign(powers, 'RS256')),
  };
  return Object.entries(tokens).map(([name, token]) => ({ name, kind: 'impostor', owner: 'u~a', token }));
}
