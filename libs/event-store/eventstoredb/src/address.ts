/** Where an EventStoreDB is and how to speak to it, as its URL says. */
export type Address = {
  /** `discover`: the first host is a name of the cluster, whose nodes are asked for the others. */
  readonly hosts: readonly { readonly address: string; readonly port: number }[];
  readonly discover: boolean;
  readonly tls: boolean;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Certificate files in PEM. */
  readonly tlsCaFile?: string;
  readonly userCertFile?: string;
  readonly userKeyFile?: string;
  readonly nodePreference: NodePreference;
  readonly connectionName?: string;
  /** Times in the units of the driver: `gossipTimeout` s, the others ms. */
  readonly numbers: Partial<Record<NumberSetting, number>>;
};

const preferences = ['leader', 'follower', 'read_only_replica', 'random'] as const;
type NodePreference = (typeof preferences)[number];

/** The smallest value of each. A keepalive under 10 s is more than a server puts up with. */
const smallest = {
  maxDiscoverAttempts: 1,
  discoveryInterval: 1,
  gossipTimeout: 1,
  keepAliveInterval: 10_000,
  keepAliveTimeout: 1_000,
} as const;
type NumberSetting = keyof typeof smallest;
const numberSettings = Object.keys(smallest) as readonly NumberSetting[];

const files = ['tlsCaFile', 'userCertFile', 'userKeyFile'] as const;
const known = ['tls', 'tlsVerifyCert', 'nodePreference', 'connectionName', ...files, ...numberSettings];

const shape = /^(?:esdb|kurrentdb)(\+discover)?:\/\/(?:(.*)@)?([^/?#@]+)\/?(?:\?([^#]*))?$/;
const host = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const standardPort = 2113;
const example = 'such as esdb://user:password@host:2113 or esdb://a:2113,b:2113,c:2113?tls=true';

/** What a URL should have been; neither message nor `expected` says a word of its user and password. */
export class InvalidAddress extends RangeError {
  override readonly name = 'InvalidAddress';
  readonly code = 'invalid_address';

  constructor(readonly expected: string) {
    super(`The URL of EventStoreDB is none: expected ${expected}.`);
  }
}

/**
 * Takes `esdb://`, `esdb+discover://`, `kurrentdb://` and `kurrentdb+discover://`, settings in any case; TLS is on by default.
 *
 * @throws {InvalidAddress} saying what was expected
 */
export function parseAddress(url: string): Address {
  const [, discover, user, hosts = '', query = ''] =
    shape.exec(url.trim()) ?? refuse(`a URL ${example} (in a password, @ as %40 and / as %2F)`);
  const settings = settingsIn(query);
  const flag = (name: string) => oneOf(settings, name, ['true', 'false']) ?? 'true';
  if (flag('tlsVerifyCert') === 'false')
    refuse(
      'no tlsVerifyCert=false: certificates are checked; name the authority’s with tlsCaFile=<PEM file>',
    );
  const credentials = user === undefined ? undefined : credentialsIn(user);
  const nodePreference = oneOf(settings, 'nodePreference', preferences) ?? 'leader';
  const connectionName = settings.get('connectionName');
  return {
    hosts: hosts.split(',').map(hostIn),
    discover: discover !== undefined,
    tls: flag('tls') === 'true',
    ...(credentials && { credentials }),
    ...filesIn(settings),
    nodePreference,
    ...(connectionName !== undefined && { connectionName }),
    numbers: numbersIn(settings),
  };
}

/** The hosts, for messages: what an address may be called where others read it. */
export const placeOf = ({ hosts }: Address): string =>
  `EventStoreDB at ${hosts.map(({ address, port }) => `${address}:${port}`).join(',')}`;

function refuse(expected: string): never {
  throw new InvalidAddress(expected);
}

function settingsIn(query: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [given, value] of new URLSearchParams(query)) {
    const name = known.find((one) => one.toLowerCase() === given.toLowerCase());
    if (name === undefined)
      refuse(`no setting "${given}" in a URL of EventStoreDB; there are ${known.join(', ')}`);
    settings.set(name, value);
  }
  return settings;
}

function oneOf<T extends string>(
  settings: ReadonlyMap<string, string>,
  name: string,
  values: readonly T[],
): T | undefined {
  const given = settings.get(name)?.toLowerCase().replace('readonlyreplica', 'read_only_replica');
  if (given === undefined) return undefined;
  return values.find((value) => value === given) ?? refuse(`${name} to be one of ${values.join(', ')}`);
}

function hostIn(text: string): Address['hosts'][number] {
  const [, address = '', port = `${standardPort}`] = host.exec(text) ?? [];
  if (address === '' || Number(port) < 1 || Number(port) > 65_535)
    refuse(`hosts as name:port, separated by commas, ${example}`);
  return { address, port: Number(port) };
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

function filesIn(settings: ReadonlyMap<string, string>): Pick<Address, (typeof files)[number]> {
  if (settings.has('userCertFile') !== settings.has('userKeyFile'))
    refuse('userCertFile and userKeyFile together');
  return Object.fromEntries(
    files.flatMap((name) => {
      const path = settings.get(name);
      return path === undefined ? [] : [[name, path]];
    }),
  );
}

function numbersIn(settings: ReadonlyMap<string, string>): Address['numbers'] {
  return Object.fromEntries(
    numberSettings.flatMap((name) => {
      const text = settings.get(name);
      if (text === undefined) return [];
      const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
      if (value < smallest[name]) refuse(`${name} to be a whole number from ${smallest[name]}`);
      return [[name, value]];
    }),
  );
}
