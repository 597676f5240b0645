import { credentialsIn, hostsIn, refusing, type Refuse, Settings } from '@cartage/read-store/adapting';

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
export const refuse: Refuse = refusing(engine);
/** `generation` is for others to read. */
const known = ['dc', 'tls', 'ca', 'replication', 'compaction', 'gcGrace', 'ttl', 'generation'] as const;

const shape = /^cassandra:\/\/(?:(.*)@)?([^/?#@]+)\/([^/?#@]*)(?:\?([^#]*))?$/;
const standardPort = 9042;
/** Cassandra's whole numbers have 32 bits. */
const largest = 2 ** 31 - 1;
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
  const settings = new Settings(query, known, refuse);
  const ca = settings.get('ca');
  const tls = settings.oneOf('tls', ['true', 'false']) === 'true';
  if (ca !== undefined && !tls) refuse('tls=true with ca');
  const replication = settings.number('replication', 1, largest);
  const compaction = settings.oneOf('compaction', compactions);
  return {
    ...nodesIn(hosts),
    keyspace,
    dataCenter: settings.get('dc') ?? 'datacenter1',
    ...(user !== undefined && { credentials: loginIn(user) }),
    tls,
    ...(ca !== undefined && { ca }),
    ...(replication !== undefined && { replication }),
    ...(compaction && { compaction }),
    gcGrace: settings.number('gcGrace', 0, largest) ?? tenDays,
    ttl: settings.isOn('ttl'),
  };
}

/** Hosts and keyspace, for messages: what an address may be called where others read it. */
export const placeOf = ({ hosts, port, keyspace }: Address): string =>
  `${engine} at ${hosts.join(',')}:${port}/${keyspace}`;

/** A node hears of the others by their addresses alone, without ports: hence one port for all. */
function nodesIn(text: string): Pick<Address, 'hosts' | 'port'> {
  const found = hostsIn(text, refuse);
  const [port = standardPort, ...others] = new Set(found.flatMap(({ port: own }) => own ?? []));
  if (others.length > 0) refuse(`one port for all hosts, ${example}`);
  return { hosts: found.map(({ name }) => name), port };
}

function loginIn(user: string): { username: string; password: string } {
  const { username, password } = credentialsIn(user, refuse);
  return { username, password: password || refuse('user:password before the @') };
}
