import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { AccessTokens, publishedIssuer } from './access-tokens.ts';
import { anonymous } from './principal.ts';
import { inSeconds, startIssuer, tampered, type TestIssuer, unsigned } from './issuer.fixture.ts';

async function withIssuer(test: (issuer: TestIssuer, tokens: AccessTokens) => Promise<void>): Promise<void> {
  const issuer = await startIssuer();
  try {
    await test(issuer, new AccessTokens(publishedIssuer(issuer.jwks)));
  } finally {
    await issuer.close();
  }
}

describe('access tokens', () => {
  it.each(['RS256', 'ES256'] as const)('speak for the user they name, signed with %s', (algorithm) =>
    withIssuer(async (issuer, tokens) => {
      const token = await issuer.sign({ sub: '42' }, algorithm);
      expect(await tokens.verify(token)).toEqual({ kind: 'user', owner: 'u~42' });
    }),
  );

  it('escape what an owner key cannot hold', () =>
    withIssuer(async (issuer, tokens) => {
      const token = await issuer.sign({ sub: 'a~b/c@d.e' });
      expect(await tokens.verify(token)).toEqual({ kind: 'user', owner: 'u~a%7Eb%2Fc%40d.e' });
    }));

  it('speak for a service when they hold one of its scopes', () =>
    withIssuer(async (issuer, tokens) => {
      const callerWith = async (scope: string) => tokens.verify(await issuer.sign({ sub: 'orders', scope }));
      const service = { kind: 'service', subject: 'orders' };
      expect(await callerWith('openid carts:read')).toEqual({ ...service, scopes: new Set(['carts:read']) });
      expect(await callerWith('carts:write carts:read')).toEqual({
        ...service,
        scopes: new Set(['carts:read', 'carts:write']),
      });
      expect(await callerWith('openid carts:readers')).toEqual({ kind: 'user', owner: 'u~orders' });
    }));

  it.each([
    ['scope, space-separated', { scope: 'openid carts:read carts:write' }],
    ['scope, as an array', { scope: ['openid', 'carts:read', 'carts:write'] }],
    ['scp, space-separated', { scp: 'carts:write carts:read' }],
    ['scp, as an array', { scp: ['carts:read', 'carts:write', 7, null] }],
    ['both', { scope: 'openid carts:write', scp: ['carts:read'] }],
  ])('speak for a service whose scopes stand in %s', (_, claims) =>
    withIssuer(async (issuer, tokens) => {
      expect(await tokens.verify(await issuer.sign({ sub: 'orders', ...claims }))).toEqual({
        kind: 'service',
        subject: 'orders',
        scopes: new Set(['carts:read', 'carts:write']),
      });
    }),
  );

  it.each([
    { scope: ['openid', 'carts:readers'] },
    { scp: 'profile' },
    { scp: [] },
    { scope: 7, scp: null },
    { scope: { 'carts:read': true } },
    { scope: [['carts:read']] },
  ])('speak for a user when their scopes are %j', (claims) =>
    withIssuer(async (issuer, tokens) => {
      const token = await issuer.sign({ sub: '42', ...claims });
      expect(await tokens.verify(token)).toEqual({ kind: 'user', owner: 'u~42' });
    }),
  );

  it('are not believed unless this issuer made them, for this audience, with an end', () =>
    withIssuer(async (issuer, tokens) => {
      const claims = { sub: '42', iss: issuer.jwks.issuer, aud: issuer.jwks.audience, exp: inSeconds(60) };
      const secret = createSecretKey(Buffer.from(issuer.publicKey.export({ type: 'spki', format: 'pem' })));
      const confused = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'RS256' }).sign(secret);
      const untrusted = {
        'another issuer': issuer.sign({ ...claims, iss: 'https://other.test' }),
        'another audience': issuer.sign({ ...claims, aud: 'warehouse' }),
        'no audience': issuer.sign({ ...claims, aud: undefined }),
        'no end': issuer.sign({ ...claims, exp: undefined }),
        'no subject': issuer.sign({ ...claims, sub: undefined }),
        'an empty subject': issuer.sign({ ...claims, sub: '' }),
        'a subject that is too long': issuer.sign({ ...claims, sub: 'x'.repeat(199) }),
        'not yet valid': issuer.sign({ ...claims, nbf: inSeconds(60) }),
        'no signature': unsigned(claims),
        'the public key as an HMAC secret': confused,
        'a signature that was tampered with': issuer.sign(claims).then(tampered),
      };
      for (const [what, token] of Object.entries(untrusted))
        expect([what, await tokens.verify(await token)]).toEqual([what, anonymous('untrusted')]);
      expect(await tokens.verify('not.a.token')).toEqual(anonymous('malformed'));
      expect(await tokens.verify('nonsense')).toEqual(anonymous('malformed'));
    }));

  it('are not believed when another key made them', () =>
    withIssuer(async (issuer, tokens) => {
      const other = await startIssuer();
      const token = await other.sign({ sub: '42' });
      await other.close();
      expect(await tokens.verify(token)).toEqual(anonymous('untrusted'));
      const unknownKey = new SignJWT({ sub: '42' }).setProtectedHeader({ alg: 'ES256', kid: 'unheard-of' });
      const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
        'sign',
      ]);
      expect(await tokens.verify(await unknownKey.sign(privateKey))).toEqual(anonymous('untrusted'));
      expect(issuer.asked()).toBe(1);
    }));

  it('end when they say, give or take 5 s', () =>
    withIssuer(async (issuer, tokens) => {
      const expired = await issuer.sign({ sub: '42', exp: inSeconds(-6) });
      const late = await issuer.sign({ sub: '42', exp: inSeconds(-2) });
      expect(await tokens.verify(expired)).toEqual(anonymous('expired'));
      expect(await tokens.verify(late)).toEqual({ kind: 'user', owner: 'u~42' });
      expect(tokens.recall(late)).toBeUndefined();
    }));

  it('are remembered until they end, and not a moment longer', () =>
    withIssuer(async (issuer, tokens) => {
      const exp = inSeconds(60);
      const token = await issuer.sign({ sub: '42', exp });
      expect(tokens.recall(token)).toBeUndefined();
      const user = await tokens.verify(token);
      expect(tokens.recall(token, exp * 1000 - 1)).toEqual(user);
      expect(tokens.recall(tampered(token))).toBeUndefined();
      expect(tokens.recall(token, exp * 1000)).toBeUndefined();
      expect(tokens.recall(token)).toBeUndefined();
    }));

  it('are remembered up to a number, the oldest forgotten first', () =>
    withIssuer(async (issuer) => {
      const tokens = new AccessTokens(publishedIssuer(issuer.jwks), 2);
      const [a, b, c] = [
        await issuer.sign({ sub: 'a' }),
        await issuer.sign({ sub: 'b' }),
        await issuer.sign({ sub: 'c' }),
      ];
      for (const token of [a, b, c]) await tokens.verify(token);
      expect([a, b, c].map((token) => tokens.recall(token))).toEqual([
        undefined,
        { kind: 'user', owner: 'u~b' },
        { kind: 'user', owner: 'u~c' },
      ]);
    }));

  it('cannot be checked while the issuer does not answer, and can when it does', async () => {
    let broken = true;
    const issuer = await startIssuer((keySet) => (broken ? '<html>down for maintenance' : keySet));
    const tokens = new AccessTokens(publishedIssuer(issuer.jwks));
    const token = await issuer.sign({ sub: '42' });
    expect(await tokens.verify(token)).toEqual(anonymous('issuer_unavailable'));
    broken = false;
    expect(await tokens.verify(token)).toEqual({ kind: 'user', owner: 'u~42' });
    const other = await issuer.sign({ sub: '43' });
    await issuer.close();
    expect(await tokens.verify(other)).toEqual({ kind: 'user', owner: 'u~43' });
    const unreachable = new AccessTokens(publishedIssuer(issuer.jwks));
    expect(await unreachable.verify(token)).toEqual(anonymous('issuer_unavailable'));
  });
});
