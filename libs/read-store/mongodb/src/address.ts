import { InvalidAddress } from '@cartage/read-store/adapting';

/** Where a MongoDB is and how to speak to it, as its URL says. */
export type Address = {
  /** `mongodb+srv`: the one host is a name of the cluster, whose members DNS knows. */
  readonly srv: boolean;
  /** `name:port`, or the cluster's name. */
  readonly hosts: readonly string[];
  readonly database: string;
  /** Without a password where the mechanism needs none. */
  readonly credentials?: { readonly username: string; readonly password?: string };
  /** What the driver is told besides, by its own names. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether MongoDB forgets views by itself, after their `purgeAt`. */
  readonly ttl: boolean;
};

const engine = 'MongoDB';

/** Handed to the driver as they are. */
const driverSettings = [
  'tls',
  'ssl',
  'tlsCAFile',
  'tlsCertificateKeyFile',
  'tlsCertificateKeyFilePassword',
  'authSource',
  'authMechanism',
  'authMechanismProperties',
  'replicaSet',
  'directConnection',
  'loadBalanced',
  'srvServiceName',
  'srvMaxHosts',
  'appName',
  'maxPoolSize',
] as const;

/** `ttl` and `generation` are this adapter's; the others stand in URLs copied from elsewhere, and the adapter decides them. */
const ownSettings = [
  'ttl',
  'generation',
  'w',
  'readPreference',
  'readConcernLevel',
  'retryWrites',
  'retryReads',
];

const flag = ['true', 'false'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  tls: flag,
  ssl: flag,
  directConnection: flag,
  loadBalanced: flag,
  retryWrites: flag,
  retryReads: flag,
  ttl: ['on', 'off'],
  w: ['majority'],
  readPreference: ['primary'],
  readConcernLevel: ['majority'],
};
const counts = ['maxPoolSize', 'srvMaxHosts'];
const unchecked = /^tls(?:insecure|allowinvalid)/i;

const shape = /^mongodb(\+srv)?:\/\/(?:(.*)@)?([^/?#@]+)\/([^/?#@]*)(?:\?([^#]*))?$/;
const host = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const standardPort = 27_017;
const example = 'such as mongodb://user:password@a:27017,b:27017/cartage?replicaSet=rs0';

/**
 * Takes `mongodb://` and `mongodb+srv://` with a database; names of settings in any case. `ttl=off` leaves it to `purge` to
 * forget views; `generation` is for others to read.
 *
 * @throws {InvalidAddress} saying what was expected
 */
export function parseAddress(url: string): Address {
  const [, srv, user, hosts = '', database = '', query = ''] =
    shape.exec(url.trim()) ?? refuse(`a URL ${example} (in a password, @ as %40 and / as %2F)`);
  if (!/^[\w-]{1,63}$/.test(database))
    refuse(`the name of a database (letters, digits, _ and -) behind the hosts, ${example}`);
  const settings = settingsIn(query);
  return {
    srv: srv !== undefined,
    hosts: srv === undefined ? hosts.split(',').map(hostIn) : [clusterIn(hosts)],
    database,
    ...(user !== undefined && { credentials: credentialsIn(user) }),
    settings: Object.fromEntries([...settings].filter(([name]) => !ownSettings.includes(name))),
    ttl: settings.get('ttl') !== 'off',
  };
}

/** Hosts and database, for messages: what an address may be called where others read it. */
export const placeOf = ({ hosts, database }: Address): string =>
  `${engine} at ${hosts.join(',')}/${database}`;

function refuse(expected: string): never {
  throw new InvalidAddress(engine, expected);
}

function settingsIn(query: string): ReadonlyMap<string, string> {
  const known = [...driverSettings, ...ownSettings];
  const settings = new Map<string, string>();
  for (const [given, value] of new URLSearchParams(query)) {
    if (unchecked.test(given))
      refuse(`no ${given}: certificates are checked; name the authority’s with tlsCAFile=<PEM file>`);
    const name = known.find((one) => one.toLowerCase() === given.toLowerCase());
    if (name === undefined)
      refuse(`no setting "${given}" in a URL of ${engine}; there are ${known.join(', ')}`);
    const values = allowed[name];
    if (values && !values.includes(value)) refuse(`${name} to be ${values.join(' or ')}`);
    if (counts.includes(name) && !/^[1-9]\d{0,3}$/.test(value))
      refuse(`${name} to be a whole number from 1 to 9999`);
    settings.set(name, value);
  }
  return settings;
}

function hostIn(text: string): string {
  const [, name = '', port = `${standardPort}`] = host.exec(text) ?? [];
  if (name === '' || Number(port) < 1 || Number(port) > 65_535)
    refuse(`hosts as name:port, separated by commas, ${example}`);
  return `${name}:${port}`;
}

const clusterIn = (text: string): string =>
  /^[\w-]+(?:\.[\w-]+)+$/.test(text)
    ? text
    : refuse('one host without a port, such as mongodb+srv://cluster.example.com/cartage');

function credentialsIn(user: string): { username: string; password?: string } {
  const [, username = '', password] = /^([^:]+)(?::(.*))?$/.exec(user) ?? [];
  try {
    if (username !== '')
      return {
        username: decodeURIComponent(username),
        ...(password !== undefined && { password: decodeURIComponent(password) }),
      };
  } catch {
    // A % that begins no escape: said below, as the error itself would show it.
  }
  return refuse('user:password before the @, with % as %25');
}
