import { randomBytes } from 'node:crypto';
import { GuestTokens } from './guest-tokens.ts';
import { anonymous } from './principal.ts';

const day = 24 * 60 * 60 * 1000;
const noon = 1_764_072_000_000;
const key = (id: string) => ({ id, secret: randomBytes(32).toString('base64') });

describe('guest tokens', () => {
  it('speak for the guest they were made for, until they expire', () => {
    const tokens = new GuestTokens([key('a')], day);
    const { guestId, token, expiresAt } = tokens.issue(noon);
    expect(expiresAt).toBe(noon + day);
    expect(guestId).toMatch(/^[\w-]{22}$/);
    expect(tokens.verify(token, expiresAt - 1)).toEqual({ kind: 'guest', owner: `g~${guestId}` });
    expect(tokens.verify(token, expiresAt)).toEqual(anonymous('expired'));
  });

  it('never name the same guest twice', () => {
    const tokens = new GuestTokens([key('a')], day);
    const guests = Array.from({ length: 1000 }, () => tokens.issue(noon).guestId);
    expect(new Set(guests).size).toBe(1000);
  });

  it('speak for nobody when any one character is another', () => {
    const tokens = new GuestTokens([key('a'), key('b')], day);
    const { token } = tokens.issue(noon);
    for (let at = 0; at < token.length; at += 1)
      for (const other of ['A', 'b', '0', '9', '.', '_', '='].filter((char) => char !== token[at])) {
        const forged = token.slice(0, at) + other + token.slice(at + 1);
        expect([forged, tokens.verify(forged, noon).kind]).toEqual([forged, 'anonymous']);
      }
  });

  it('have one spelling: another base64 of the same bytes is refused', () => {
    const tokens = new GuestTokens([key('a')], day);
    const { token } = tokens.issue(noon);
    const mac = token.slice(token.lastIndexOf('.') + 1);
    const bytes = Buffer.from(mac, 'base64url');
    const spellings = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      .split('')
      .map((last) => mac.slice(0, -1) + last)
      .filter((spelling) => spelling !== mac && Buffer.from(spelling, 'base64url').equals(bytes));
    expect(spellings).toHaveLength(3);
    for (const spelling of spellings)
      expect(tokens.verify(token.replace(mac, spelling), noon)).toEqual(anonymous('tampered'));
  });

  it('say apart why they are not believed', () => {
    const tokens = new GuestTokens([key('a')], day);
    const { token, guestId } = tokens.issue(noon);
    const stranger = new GuestTokens([key('z')], day).issue(noon).token;
    const impostor = new GuestTokens([key('a')], day).issue(noon).token;
    expect(tokens.verify(stranger, noon)).toEqual(anonymous('unknown_key'));
    expect(tokens.verify(impostor, noon)).toEqual(anonymous('tampered'));
    expect(tokens.verify(token.replace(guestId, 'A'.repeat(22)), noon)).toEqual(anonymous('tampered'));
    expect(tokens.verify(token, noon + 2 * day)).toEqual(anonymous('expired'));
    for (const text of [
      '',
      'v1',
      'v1....',
      `${token}.`,
      `${token}.x`,
      `v2${token.slice(2)}`,
      'x'.repeat(5000),
    ])
      expect([text, tokens.verify(text, noon)]).toEqual([text, anonymous('malformed')]);
  });

  it('survive a new key in front, and die with their own', () => {
    const [old, fresh] = [key('2025'), key('2026')];
    const { token, guestId } = new GuestTokens([old], day).issue(noon);
    const rotated = new GuestTokens([fresh, old], day);
    expect(rotated.verify(token, noon)).toEqual({ kind: 'guest', owner: `g~${guestId}` });
    expect(rotated.issue(noon).token).toMatch(/^v1\.2026\./);
    expect(new GuestTokens([fresh], day).verify(token, noon)).toEqual(anonymous('unknown_key'));
  });

  it('are not made with keys that protect nothing', () => {
    const bad = [[], [{ id: 'a', secret: `YQ==${'A'.repeat(43)}` }], [key('a'), key('a')]];
    for (const keys of bad) expect(() => new GuestTokens(keys, day)).toThrow(/^GUEST_TOKEN_KEYS: expected/);
  });
});
