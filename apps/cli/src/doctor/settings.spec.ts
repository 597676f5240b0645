import { readConfig } from '@cartage/runtime';
import { findingsText } from './finding.ts';
import { checkAccess, checkNode, readSettings } from './settings.ts';

const problems = (findings: readonly { level: string; text: string }[]) =>
  findings.filter(({ level }) => level === 'problem').map(({ text }) => text);

test('names every mistake of the configuration, and no secret', () => {
  const { config, findings } = readSettings({
    PORT: 'x',
    OFF_PEAK: '25:00',
    EVENT_STORE: 'ftp://me:secret@host',
  });
  expect(config).toBeUndefined();
  expect(problems(findings)).toEqual([
    'PORT=x: expected a whole number from 0 to 65535',
    expect.stringContaining('EVENT_STORE: expected'),
    'OFF_PEAK=25:00: expected a span in UTC such as 02:00-05:00',
  ]);
  expect(JSON.stringify(findings)).not.toContain('secret');
});

test('an empty environment is valid', () => {
  expect(readSettings({}).findings).toEqual([{ area: 'configuration', level: 'ok', text: 'valid' }]);
});

test('the development login is worth a note on this machine, and a problem on a network', async () => {
  expect(problems(await checkAccess(readConfig({})))).toEqual([]);
  expect(problems(await checkAccess(readConfig({ HOST: '0.0.0.0' })))).toEqual([
    'development login on 0.0.0.0: whoever reaches it may sign in as anybody',
  ]);
});

test('says where development keys are, as long as they are used', async () => {
  const areas = async (env: Record<string, string>) =>
    (await checkAccess(readConfig(env))).map(({ area }) => area);
  const issuer = { JWKS_URL: 'https://id.example/keys', JWT_ISSUER: 'id', JWT_AUDIENCE: 'shop' };
  expect(await areas({})).toEqual(['environment', 'users', 'keys']);
  expect(await areas(issuer)).toEqual(['environment', 'users', 'keys']);
  const keys = { GUEST_TOKEN_KEYS: `a:${'x'.repeat(43)}` };
  expect(await areas({ ...issuer, ...keys })).toEqual(['environment', 'users']);
});

test('wants Node 20.19 or newer', () => {
  expect(['20.19.0', '22.1.0'].map((version) => checkNode(version).level)).toEqual(['ok', 'ok']);
  expect(['18.20.1', '20.9.0'].map((version) => checkNode(version).level)).toEqual(['problem', 'problem']);
});

test('prints what to do below what is wrong', () => {
  expect(findingsText([checkNode('18.0.0')])).toBe(
    'WRONG  node: 18.0.0 is too old\n        → Install Node 20.19 or newer; 22 is recommended.\n1 to mend.\n',
  );
});
