import { fileURLToPath } from 'node:url';
import type { Config } from '@cartage/runtime';

export const processNames = ['api', 'projector', 'control'] as const;
export type ProcessName = (typeof processNames)[number];

type Port = {
  readonly setting: string;
  readonly field: 'port' | 'operatorPort' | 'projectorPort' | 'controlPort';
};

/** The ports a process listens on; the first answers `/health/ready`. */
export const portsOf: Readonly<Record<ProcessName, readonly [Port, ...Port[]]>> = {
  api: [
    { setting: 'PORT', field: 'port' },
    { setting: 'OPERATOR_PORT', field: 'operatorPort' },
  ],
  projector: [{ setting: 'PROJECTOR_PORT', field: 'projectorPort' }],
  control: [{ setting: 'CONTROL_PORT', field: 'controlPort' }],
};

/** Where a process answers `/health/ready`. */
export const healthOriginOf = (name: ProcessName, config: Config): string =>
  originOf(config.host, config[portsOf[name][0].field]);

/** The program a process runs, beside this one in the workspace. */
export const scriptOf = (name: ProcessName): string =>
  fileURLToPath(new URL(`../../${name}/dist/main.js`, import.meta.url));

/** Where this machine reaches what listens on a host and port: an address that means "all" is no address to call. */
export function originOf(host: string, port: number): string {
  const callable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${callable.includes(':') ? `[${callable}]` : callable}:${port}`;
}

/** `degraded`: ready, but a part of what it uses is out of order, as the detail says. */
export type Health = { readonly state: 'ready' | 'degraded' | 'unready' | 'down'; readonly detail: string };

/** What a process says of itself within 2 s; never throws. */
export async function healthOf(origin: string, signal?: AbortSignal): Promise<Health> {
  const timeout = AbortSignal.timeout(2_000);
  try {
    const answer = await fetch(`${origin}/health/ready`, {
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
    const detail = (await answer.text()).trim();
    const isDegraded = detail.includes('"status":"degraded"');
    return { state: answer.ok ? (isDegraded ? 'degraded' : 'ready') : 'unready', detail };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { state: 'down', detail: cause instanceof Error ? cause.message : String(cause) };
  }
}
