import { parseAddress } from '@cartage/read-store-cassandra/address';
import { Client, policies, types } from 'cassandra-driver';
import { type Bare, type Cart, cartIn } from './bare.ts';
import { mixed } from './carts.ts';
import type { Work } from './work.ts';

type Row = {
  readonly owner: string;
  readonly name: string;
  readonly cart: Cart;
  time: bigint;
  /** s; 0: for ever. */
  readonly ttl: number;
};

/** Without types in the driver: timestamps come with the statements. */
const noTimestamps: object = { timestampGeneration: null };

export async function bareCassandra(url: string, generation: string): Promise<Bare> {
  const { keyspace } = parseAddress(url);
  const client = clientFor(url);
  await client.connect();
  const table = `"${keyspace}"."${generation}"`;
  const put = `INSERT INTO ${table} (owner, name, cart) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?`;
  const get = `SELECT cart FROM ${table} WHERE owner = ? AND name = ?`;
  let rows: readonly Row[] = [];
  const each = (lanes: number, run: (row: Row) => Promise<unknown>): Work => ({
    batch: 1,
    lanes,
    run: async (from) => {
      const row = rows[from];
      if (row) await run(row);
    },
  });
  const inFlight = 200;
  const write = ({ owner, name, cart, time, ttl }: Row): Promise<unknown> =>
    client.execute(put, [owner, name, JSON.stringify(cart), time, ttl]);
  return {
    load: async (other) => {
      rows = mixed(await rowsOf(client, `"${keyspace}"."${other}"`), idOf);
      return rows.map(idOf);
    },
    write: each(inFlight, (row) => {
      row.cart.revision += 1;
      row.time += 1n;
      return write(row);
    }),
    seed: each(inFlight, write),
    read: each(100, async ({ owner, name }) => {
      const row = (await client.execute(get, [owner, name])).first();
      cartIn(row?.['cart']);
    }),
    close: () => client.shutdown(),
  };
}

const idOf = ({ owner, name }: Row): string => `${owner}~${name}`;

function clientFor(url: string): Client {
  const { hosts, port, dataCenter, credentials, tls } = parseAddress(url);
  return new Client({
    contactPoints: hosts.map((host) => `${host}:${port}`),
    ...(credentials && { credentials: { ...credentials } }),
    ...(tls && { sslOptions: { rejectUnauthorized: true } }),
    protocolOptions: { port, maxVersion: types.protocolVersion.v4 },
    queryOptions: { prepare: true, isIdempotent: true, consistency: types.consistencies.localQuorum },
    encoding: { useBigIntAsLong: true, useUndefinedAsUnset: false },
    policies: {
      loadBalancing: new policies.loadBalancing.DefaultLoadBalancingPolicy({ localDc: dataCenter }),
      ...noTimestamps,
    },
    pooling: { maxRequestsPerConnection: 32_768 },
  });
}

async function rowsOf(client: Client, table: string): Promise<readonly Row[]> {
  const cql = `SELECT owner, name, cart, WRITETIME(cart) AS time, TTL(cart) AS ttl FROM ${table}`;
  const rows: Row[] = [];
  for await (const { owner, name, cart, time, ttl } of await client.execute(cql, [], { fetchSize: 1_000 }))
    if (/^[gu]~/.test(owner)) rows.push({ owner, name, cart: cartIn(cart), time, ttl: ttl ?? 0 });
  return rows;
}
