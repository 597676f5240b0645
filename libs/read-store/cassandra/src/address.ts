import { InvalidAddress } from '@cartage/read-store/adapting';

/** Where a Cassandra is and how to speak to it, as its URL says. */
export type Address = {
  /** Names or addresses of nodes that tell of the others; all nodes listen on the same port. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** As Cassandra stores it: capital letters are not those they would be without quotes. */
  readonly keyspace: string;
  /** The one next to this process: its nodes alone are asked, and a majority of its replicas decides. */
  readonly dataCenter: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly tls: boolean;
  /** The certificates that are trusted instead of the usual authorities': a file in PEM. */
  readonly ca?: string;
  /** Replicas in the data center, for a keyspace that is made. Undefined: 3 where there are three nodes, else 1. */
  readonly replication?: number;
  /** For a table that is made. Undefined: as suits the server's version. */
  readonly compaction?: Compaction;
  /** s that a deletion is remembered, for a table that is made. */
  readonly gcGrace: number;
  /** Whether Cassandra forgets views by itself, after their `purgeAt`. */
  readonly ttl: boolean;
};

const compactions = ['unified', 'leveled', 'sizeTiered'] as const;
export type Compaction = (typeof compactions)[number];

const engine = 'Cassandra';
/** `generation` is for others to read. */
const settings = ['dc', 'tls', 'ca', 'replication', 'compaction', 'gcGrace', 'ttl', 'generation'];

const shape = /^cassandra:\/\/(?:(.*)@)?([^/?#@]+)\/([^/?#@]*)(?:\?([^#]*))?$/;
const host = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i;
const standardPort = 9042;
/** Longer than Cassandra remembers anything by default: a replica that was down for less learns of every deletion. */
const tenDays = 864_000; // s
const example = 'such as cassandra://user:password@a,b:9042/cartage?dc=dc1';

/**
 * Takes `cassandra://` with a keyspace. Settings: `dc` (datacenter1 by default), `tls=true`, `ca=<PEM file>`; for what is made,
 * `replication=<number>`, `compaction=unified|leveled|sizeTiered`, `gcGrace=<seconds>`; `ttl=off` leaves it to `purge` to
 * forget views.
 *
 * @throws {InvalidAddress} saying what was expected
 */
export function parseAddress(url: string): Address {
  const [, user, hosts = '', keyspace = '', query = ''] =
    shape.exec(url.trim()) ?? refuse(`a URL ${example} (in a password, @ as %40 and / as %2F)`);
  if (!/^\w{1,48}$/.test(keyspace))
    refuse(`the name of a keyspace (up to 48 letters, digits and _) behind the hosts, ${example}`);
  const given = settingsIn(query);
  const ca = given.get('ca');
  const tls = oneOf(given, 'tls', ['true', 'false']) === 'true';
  if (ca !== undefined && !tls) refuse('tls=true with ca');
  const replication = numberIn(given, 'replication', 1);
  const compaction = oneOf(given, 'compaction', compactions);
  return {
    ...hostsIn(hosts),
    keyspace,
    dataCenter: given.get('dc') ?? 'datacenter1',
    ...(user !== undefined && { credentials: credentialsIn(user) }),
    tls,
    ...(ca !== undefined && { ca }),
    ...(replication !== undefined && { replication }),
    ...(compaction && { compaction }),
    gcGrace: numberIn(given, 'gcGrace', 0) ?? tenDays,
    ttl: oneOf(given, 'ttl', ['on', 'off']) !== 'off',
  };
}

/** Hosts and keyspace, for messages: what an address may be called where others read it. */
export const placeOf = ({ hosts, port, keyspace }: Address): string =>
  `${engine} at ${hosts.join(',')}:${port}/${keyspace}`;

/** @throws {InvalidAddress} */
export function refuse(expected: string): never {
  throw new InvalidAddress(engine, expected);
}

function settingsIn(query: string): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [spelled, value] of new URLSearchParams(query)) {
    const name = settings.find((one) => one.toLowerCase() === spelled.toLowerCase());
    if (name === undefined)
      refuse(`no setting "${spelled}" in a URL of ${engine}; there are ${settings.join(', ')}`);
    if (value === '') refuse(`a value behind ${name}=`);
    given.set(name, value);
  }
  return given;
}

function oneOf<T extends string>(
  given: ReadonlyMap<string, string>,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  return values.find((value) => value === text) ?? refuse(`${name} to be ${values.join(' or ')}`);
}

function numberIn(given: ReadonlyMap<string, string>, name: string, smallest: number): number | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return value < smallest ? refuse(`${name} to be a whole number from ${smallest}`) : value;
}

/** A node hears of the others by their addresses alone, without ports: hence one port for all. */
function hostsIn(text: string): Pick<Address, 'hosts' | 'port'> {
  const found = text
    .split(',')
    .map((one) => host.exec(one) ?? refuse(`hosts as name or name:port, ${example}`));
  const ports = new Set(found.flatMap(([, , , port]) => (port === undefined ? [] : [Number(port)])));
  const [port = standardPort] = ports;
  if (ports.size > 1 || port < 1 || port > 65_535) refuse(`one port for all hosts, ${example}`);
  return { hosts: found.map(([, ipv6, name = '']) => (ipv6 === undefined ? name : `[${ipv6}]`)), port };
}

function credentialsIn(user: string): { username: string; password: string } {
  const [, username, password] = /^([^:]+):(.+)$/.exec(user) ?? [];
  try {
    if (username !== undefined && password !== undefined)
      return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    // A % that begins no escape: said below, as the error itself would show it.
  }
  return refuse('user:password before the @, with % as %25');
}
