import { Corrupted } from '@cartage/read-store/adapting';
import { types } from 'cassandra-driver';
import type { Address, Compaction } from './address.ts';
import type { Connection } from './connection.ts';

/** The table of a generation, which holds all of it. */
export type Table = {
  readonly keyspace: string;
  readonly name: string;
  readonly cql: ReturnType<typeof statementsOn>;
};

export const tableOf = ({ keyspace }: Address, generation: string): Table => ({
  keyspace,
  name: generation,
  cql: statementsOn(`"${keyspace}"."${generation}"`),
});

/** `cart` is a cell of text, so that an update writes no tombstone; no statement spans partitions, none is conditional. */
const statementsOn = (table: string) => ({
  get: `SELECT cart FROM ${table} WHERE owner = ? AND name = ?`,
  list: `SELECT owner, name, cart FROM ${table} WHERE owner = ?`,
  scan: `SELECT owner, name, cart FROM ${table} WHERE token(owner) > ? AND token(owner) <= ?`,
  put: `INSERT INTO ${table} (owner, name, cart) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?`,
  remove: `DELETE FROM ${table} USING TIMESTAMP ? WHERE owner = ? AND name = ?`,
  note: `INSERT INTO ${table} (owner, name, cart) VALUES (?, ?, ?)`,
  forget: `DELETE FROM ${table} WHERE owner = ? AND name = ?`,
});

const columns = [
  'owner text (partition_key 0)',
  'name text (clustering 0)',
  'cart text (regular -1)',
] as const;

/** Changes of the schema: their values cannot be bound, and nodes may take their time to agree. */
const change = { prepare: false, readTimeout: 15_000 } as const; // ms

/**
 * Makes the keyspace and the table where they are missing. What a table was made with is never changed: who tunes it does so
 * elsewhere.
 *
 * @throws {Corrupted} what is there is not what the address says, or another one's
 */
export async function provision(connection: Connection, table: Table, address: Address): Promise<void> {
  await provisionKeyspace(connection, address);
  if ((await columnsOf(connection, table)).length === 0)
    await connection.send(await tableWanted(connection, table, address), [], change);
  compare(await columnsOf(connection, table), table, connection.place);
}

/** Removes the table with all it holds. Idempotent. */
export async function drop(connection: Connection, { keyspace, name }: Table): Promise<void> {
  // Without its keyspace, a table that is missing is an error.
  if (await replicationOf(connection, keyspace))
    await connection.send(`DROP TABLE IF EXISTS "${keyspace}"."${name}"`, [], change);
}

async function provisionKeyspace(connection: Connection, address: Address): Promise<void> {
  const { keyspace, dataCenter, replication } = address;
  const found = await replicationOf(connection, keyspace);
  const replicas = replication ?? (await replicasFor(connection, dataCenter));
  if (found === undefined) {
    // Replicas are counted by data center, so that another one can join later.
    const strategy = `{'class': 'NetworkTopologyStrategy', ${quoted(dataCenter)}: ${replicas}}`;
    const cql = `CREATE KEYSPACE IF NOT EXISTS "${keyspace}" WITH replication = ${strategy}`;
    await connection.send(cql, [], change);
  } else if (replication !== undefined && found[dataCenter] !== `${replication}`)
    throw new Corrupted(
      `The keyspace ${keyspace} of ${connection.place} has the replication ${JSON.stringify(found)}, not ${replication} in ${dataCenter}. ` +
        'Alter it and repair it, or leave replication out of the URL.',
    );
}

/** Fewer than three replicas make a majority of all of them: two would be worse than one. */
async function replicasFor(connection: Connection, dataCenter: string): Promise<number> {
  const near = (await connection.nodes()).filter((node) => node.dataCenter === dataCenter);
  return near.length >= 3 ? 3 : 1;
}

async function replicationOf(
  connection: Connection,
  keyspace: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const cql = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
  const row = (await connection.send(cql, [keyspace], schema)).first();
  return row?.['replication'];
}

/** What nodes know of the schema is their own: a majority cannot be asked. */
const schema = { consistency: types.consistencies.one } as const;

async function columnsOf(connection: Connection, { keyspace, name }: Table): Promise<readonly string[]> {
  const cql =
    'SELECT column_name, type, kind, position FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?';
  const { rows } = await connection.send(cql, [keyspace, name], schema);
  return rows.map((row) => `${row['column_name']} ${row['type']} (${row['kind']} ${row['position']})`);
}

function compare(found: readonly string[], { name }: Table, place: string): void {
  if (found.toSorted().join() === columns.toSorted().join()) return;
  throw new Corrupted(
    `The table ${name} of ${place} has the columns ${found.join(', ') || 'none'}, not ${columns.join(', ')}. ` +
      'Drop it, or name another generation.',
  );
}

async function tableWanted(
  connection: Connection,
  { keyspace, name }: Table,
  { compaction, gcGrace }: Address,
): Promise<string> {
  const chosen = compaction ?? (await compactionFor(connection));
  return (
    `CREATE TABLE IF NOT EXISTS "${keyspace}"."${name}" (owner text, name text, cart text, PRIMARY KEY ((owner), name)) ` +
    // Another replica is asked when one is slow or just died. Without the ms, that would be after seconds in a young table.
    `WITH compaction = ${strategies[chosen]} AND gc_grace_seconds = ${gcGrace} AND speculative_retry = 'MIN(99p,100ms)'`
  );
}

const strategies: Readonly<Record<Compaction, string>> = {
  // L4: carts are overwritten and read more than they grow. A third of the disk of Cassandra's own default.
  unified: "{'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}",
  leveled: "{'class': 'LeveledCompactionStrategy'}",
  sizeTiered: "{'class': 'SizeTieredCompactionStrategy'}",
};

/** Servers before 5 do not know the unified strategy; the leveled one did the same there. */
async function compactionFor(connection: Connection): Promise<Compaction> {
  const majors = (await connection.nodes()).map(({ version: [major = 0] }) => major);
  return majors.every((major) => major >= 5) ? 'unified' : 'leveled';
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
