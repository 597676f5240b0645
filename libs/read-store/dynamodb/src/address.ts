import { refusing, type Refuse, Settings } from '@cartage/read-store/adapting';

/** Which DynamoDB holds the tables, and how they are made, as its URL says. */
export type Address = {
  readonly region: string;
  /** What the names of all tables begin with; the generation follows. */
  readonly base: string;
  /** `http://host:port` of another server than AWS. */
  readonly endpoint?: string;
  /** Whether DynamoDB deletes views by itself after their `purgeAt`. */
  readonly ttl: boolean;
  /** Whether tables are backed up continuously (point-in-time recovery). */
  readonly pitr: boolean;
  /** Capacity bought beforehand; without it, each request is paid for. */
  readonly capacity?: { readonly read: number; readonly write: number };
};

const engine = 'DynamoDB';
const refuse: Refuse = refusing(engine);
/** `generation` is for others to read. */
const known = ['endpoint', 'ttl', 'pitr', 'capacity', 'generation'] as const;

const shape = /^dynamodb:\/\/([a-z0-9-]+)\/([A-Za-z0-9_.-]{1,200})\/?(?:\?([^#]*))?$/;
const regionOfAws = /^[a-z]{2}(-[a-z]+)+-\d$/;
const example =
  'such as dynamodb://eu-west-1/carts or dynamodb://local/carts?endpoint=http://127.0.0.1:8000; credentials come from the environment or the AWS configuration, never from the URL';

/**
 * Takes `dynamodb://<region>/<beginning of table names>` with the settings `endpoint`, `ttl` and `pitr` (`on`, the default, or
 * `off`) and `capacity=<read units>,<write units>`.
 *
 * @throws {InvalidAddress} saying what was expected
 */
export function parseAddress(url: string): Address {
  const [, region = '', base = '', query = ''] = shape.exec(url.trim()) ?? refuse(`a URL ${example}`);
  const settings = new Settings(query, known, refuse);
  const endpoint = settings.get('endpoint');
  const capacity = settings.get('capacity');
  if (endpoint === undefined && !regionOfAws.test(region))
    refuse(`a region of AWS such as eu-west-1, or endpoint=<http://host:port> for another server`);
  return {
    region,
    base,
    ...(endpoint !== undefined && { endpoint: endpointIn(endpoint) }),
    ttl: settings.isOn('ttl'),
    pitr: settings.isOn('pitr'),
    ...(capacity !== undefined && { capacity: capacityIn(capacity) }),
  };
}

/** What an address may be called where others read it. */
export const placeOf = ({ region, endpoint }: Address): string =>
  endpoint === undefined ? `${engine} in ${region}` : `${engine} at ${endpoint}`;

function endpointIn(text: string): string {
  if (!/^https?:\/\/[^/?#@]+\/?$/i.test(text) || !URL.canParse(text))
    refuse('endpoint to be http://host:port or https://host:port, without user, password and path');
  return new URL(text).origin;
}

function capacityIn(text: string): { read: number; write: number } {
  const [, read, write] =
    /^([1-9]\d{0,8}),([1-9]\d{0,8})$/.exec(text) ??
    refuse('capacity to be units for reading and for writing, such as 100,200');
  return { read: Number(read), write: Number(write) };
}
