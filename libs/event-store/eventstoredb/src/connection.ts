import { type Address, parseAddress } from './address.ts';
import type { Credentials } from './client.ts';
import { Lane } from './lane.ts';

/**
 * What all stores of one URL in this process share. Appends have a connection of their own: their answers do not queue behind
 * what a follower catches up with.
 */
export type Connection = {
  readonly writer: Lane;
  readonly reader: Lane;
  /** To be called once; the last user's call ends all calls. */
  release(): Promise<void>;
};

const shared = new Map<string, { readonly writer: Lane; readonly reader: Lane; users: number }>();

/** @throws {RangeError} the URL, or the environment's credentials, are none */
export function connect(url: string): Connection {
  const address = parseAddress(url);
  const credentials = credentialsFor(address);
  const key = JSON.stringify([address, credentials]);
  const lanes = shared.get(key) ?? {
    writer: new Lane(address, credentials),
    reader: new Lane(address, credentials),
    users: 0,
  };
  shared.set(key, lanes);
  lanes.users += 1;
  const { writer, reader } = lanes;
  const release = async (): Promise<void> => {
    lanes.users -= 1;
    if (lanes.users > 0) return;
    shared.delete(key);
    await Promise.all([writer.close(), reader.close()]);
  };
  return { writer, reader, release };
}

function credentialsFor(address: Address): Credentials | undefined {
  const { EVENT_STORE_USERNAME: username, EVENT_STORE_PASSWORD: password } = process.env;
  if (address.credentials) return address.credentials;
  if (!username && !password) return undefined;
  if (username && password) return { username, password };
  throw new RangeError('EVENT_STORE_USERNAME and EVENT_STORE_PASSWORD are needed together.');
}
