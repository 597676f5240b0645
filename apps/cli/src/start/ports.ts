import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type Config, listenError } from '@cartage/runtime';
import { portsOf, type ProcessName } from '../processes.ts';

export type Claimed = {
  /** The configuration with the ports that will be used. */
  readonly config: Config;
  /** The same ports as settings for the processes. */
  readonly env: Readonly<Record<string, string>>;
};

/**
 * Makes sure that nobody listens where the processes will, and picks a free port where the configuration says 0: a process
 * that is started again must come back where it was.
 *
 * @throws {PortInUse}
 */
export async function claimPorts(config: Config, names: readonly ProcessName[]): Promise<Claimed> {
  let claimed: Claimed = { config, env: {} };
  for (const { setting, field } of names.flatMap((name) => portsOf[name])) {
    const port = await freePort(config.host, config[field]);
    claimed = {
      config: { ...claimed.config, [field]: port },
      env: { ...claimed.env, [setting]: String(port) },
    };
  }
  return claimed;
}

async function freePort(host: string, wanted: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, wanted)));
    server.listen(wanted, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
