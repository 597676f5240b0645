import { access } from 'node:fs/promises';
import { isIPv4, isIPv6 } from 'node:net';
import { type Config, type Env, InvalidConfiguration, readConfig } from '@cartage/runtime';
import { type Finding, note, ok, problem } from './finding.ts';

/** The configuration, or every mistake in it. */
export function readSettings(env: Env): { readonly config?: Config; readonly findings: readonly Finding[] } {
  try {
    const config = readConfig(env);
    return { config, findings: [ok('configuration', 'valid')] };
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    const [, ...mistakes] = error.message.split('\n').map((line) => line.trim());
    const advice = 'Correct this setting in the environment of every process.';
    return { findings: mistakes.map((mistake) => problem('configuration', mistake, advice)) };
  }
}

/** Whether this Node is one Cartage runs on. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return fits
    ? ok('node', version)
    : problem('node', `${version} is too old`, 'Install Node 20.19 or newer; 22 is recommended.');
}

/** Who may sign in, and with which keys tokens are made. */
export async function checkAccess(config: Config): Promise<readonly Finding[]> {
  const { production, jwks, guestKeys, devKeys, host } = config;
  const findings = [
    ok('environment', production ? 'NODE_ENV=production' : 'development (NODE_ENV is not "production")'),
  ];
  if (jwks) findings.push(ok('users', `tokens of ${jwks.issuer}, audience ${jwks.audience}`));
  else if (isLoopback(host))
    findings.push(note('users', 'development login: anybody on this machine may sign in as anybody'));
  else
    findings.push(
      problem(
        'users',
        `development login on ${host}: whoever reaches it may sign in as anybody`,
        'Set JWKS_URL, JWT_ISSUER and JWT_AUDIENCE, or HOST=127.0.0.1.',
      ),
    );
  if (jwks && guestKeys) return findings;
  const exists = await access(devKeys).then(
    () => true,
    () => false,
  );
  const state = exists ? '' : ', which the first start of the API makes';
  findings.push(
    note(
      'keys',
      `development keys in ${devKeys}${state}`,
      'Every API process must share this file. For production: GUEST_TOKEN_KEYS and JWKS_URL.',
    ),
  );
  return findings;
}

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return isIPv6(host) ? host === '::1' : host === 'localhost';
}
