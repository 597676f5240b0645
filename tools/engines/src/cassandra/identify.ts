import type { Identity } from '../engine.ts';
import { ask, type CqlNode } from './cql.ts';

/** Asks the first node of a `cassandra://` URL what it is. @throws {Error} it does not answer */
export async function identify(url: string): Promise<Identity> {
  const [node] = nodesIn(url);
  if (node === undefined) throw new Error(`${url} names no host.`);
  const version = await ask(node, 'SELECT release_version FROM system.local');
  const sync = await ask(node, "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'").catch(
    () => '',
  );
  return {
    title: `Cassandra ${/\d+\.\d+(\.\d+)?[\w.-]*/.exec(version)?.[0] ?? ''}`.trim(),
    real: true,
    proves: { ttl: true, indexConflicts: true, durability: /batch|group/.test(sync) },
  };
}

/** Hosts without a port take the one behind the last host, else 9042. */
export function nodesIn(url: string): readonly CqlNode[] {
  const { host, username, password, searchParams } = new URL(url);
  const last = /:(\d+)$/.exec(host)?.[1] ?? '9042';
  return host.split(',').map((each) => {
    const [name = '', port = last] = each.split(':');
    return {
      host: name,
      port: Number(port),
      tls: ['true', '1'].includes(searchParams.get('tls') ?? ''),
      ...(username !== '' && { user: decodeURIComponent(username), password: decodeURIComponent(password) }),
    };
  });
}
