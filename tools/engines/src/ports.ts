import { once } from 'node:events';
import { createServer } from 'node:net';

const loopback = ['127.0.0.1'];
/** Below the ephemeral range (from 32768 on Linux), where an outgoing connection might hold the port when a node restarts. */
const [least, most] = [20_000, 32_000];

/** The port when it is free on all of the hosts, else a free one. */
export const freePortNear = async (port: number, hosts: readonly string[] = loopback): Promise<number> =>
  (await isFree(port, hosts)) ? port : freePort(hosts);

/** A port that nobody listens on, below 32768. Picked by chance, so that two who ask at once hardly get the same. */
export async function freePort(hosts: readonly string[] = loopback): Promise<number> {
  for (;;) {
    const port = least + Math.floor(Math.random() * (most - least));
    if (await isFree(port, hosts)) return port;
  }
}

/** @throws {Error} a host is no address of this machine */
async function isFree(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) {
    const server = createServer().listen({ port, host, exclusive: true });
    try {
      await once(server, 'listening');
      server.close();
    } catch (error) {
      const { code } = Object(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') return false;
      throw new Error(
        `Nothing can listen on ${host}: ${String(code)}. On macOS: sudo ifconfig lo0 alias ${host}`,
        {
          cause: error,
        },
      );
    }
  }
  return true;
}
