import { credentialsIn, hostsIn, refusing, type Refuse, Settings } from '@cartage/read-store/adapting';

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
const refuse: Refuse = refusing(engine);

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
] as const;

const known = [...driverSettings, ...ownSettings] as const;
type Setting = (typeof known)[number];

const flag = ['true', 'false'];
const allowed: readonly (readonly [Setting, readonly string[]])[] = [
  ['tls', flag],
  ['ssl', flag],
  ['directConnection', flag],
  ['loadBalanced', flag],
  ['retryWrites', flag],
  ['retryReads', flag],
  ['w', ['majority']],
  ['readPreference', ['primary']],
  ['readConcernLevel', ['majority']],
];
const counts = ['maxPoolSize', 'srvMaxHosts'] as const;
const unchecked = /^tls(?:insecure|allowinvalid)/i;

const shape = /^mongodb(\+srv)?:\/\/(?:(.*)@)?([^/?#@]+)\/([^/?#@]*)(?:\?([^#]*))?$/;
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
    hosts: srv === undefined ? membersIn(hosts) : [clusterIn(hosts)],
    database,
    ...(user !== undefined && { credentials: credentialsIn(user, refuse) }),
    settings: forDriver(settings),
    ttl: settings.isOn('ttl'),
  };
}

/** Hosts and database, for messages: what an address may be called where others read it. */
export const placeOf = ({ hosts, database }: Address): string =>
  `${engine} at ${hosts.join(',')}/${database}`;

function settingsIn(query: string): Settings<Setting> {
  for (const name of new URLSearchParams(query).keys())
    if (unchecked.test(name))
      refuse(`no ${name}: certificates are checked; name the authority’s with tlsCAFile=<PEM file>`);
  const settings = new Settings(query, known, refuse);
  for (const [name, values] of allowed) settings.oneOf(name, values);
  for (const name of counts) settings.number(name, 1, 9_999);
  return settings;
}

const forDriver = (settings: Settings<Setting>): Address['settings'] =>
  Object.fromEntries(
    driverSettings.flatMap((name) => {
      const value = settings.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const membersIn = (text: string): readonly string[] =>
  hostsIn(text, refuse).map(({ name, port = standardPort }) => `${name}:${port}`);

const clusterIn = (text: string): string =>
  /^[\w-]+(?:\.[\w-]+)+$/.test(text)
    ? text
    : refuse('one host without a port, such as mongodb+srv://cluster.example.com/cartage');
