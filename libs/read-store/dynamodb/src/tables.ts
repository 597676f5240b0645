import { setTimeout as sleep } from 'node:timers/promises';
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { Corrupted, Unavailable } from '@cartage/read-store/adapting';
import type { Address } from './address.ts';
import type { Connection } from './connection.ts';
import { otherTable } from './errors.ts';

/** The table of a generation, which holds all of it. A dot stands between, because a generation's name has none. */
export const tableOf = ({ base }: Address, generation: string): string => `${base}.${generation}`;

const key = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
] as const;
const texts = key.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' as const }));
const ttlAttribute = 'ttl';

/** ms between two looks at a table that is being made or removed: doubled each time; and for how long there are looks. */
const pause = { first: 5, longest: 1_000, all: 120_000 };

/**
 * Makes the table where it is missing, and switches on what the address asks for. Capacity is given when the table is made and
 * never changed: who scales a table does so elsewhere.
 *
 * @throws {Corrupted} the table that is there is another one's
 */
export async function provision(connection: Connection, address: Address): Promise<void> {
  const remains = async (): Promise<{ table: TableDescription | undefined } | undefined> => {
    const table = await describe(connection);
    return table?.TableStatus === 'DELETING' ? undefined : { table };
  };
  const { table } = await until(connection, remains);
  if (table === undefined) await create(connection, address);
  compare(connection, await until(connection, () => usable(connection)));
  await provisionTtl(connection, address);
  if (address.pitr) await provisionBackups(connection);
}

/** Removes the table, and waits until it is gone. */
export async function drop(connection: Connection): Promise<void> {
  const TableName = connection.table;
  await until(connection, async () => {
    const table = await describe(connection);
    if (table === undefined) return true;
    // Refused while the table is being made or changed.
    if (table.TableStatus !== 'DELETING')
      await connection.sendUnless(['ResourceNotFoundException', 'ResourceInUseException'], (client) =>
        client.deleteTable({ TableName }),
      );
    return undefined;
  });
}

async function describe(connection: Connection): Promise<TableDescription | undefined> {
  const answer = await connection.sendUnless(['ResourceNotFoundException'], (client) =>
    client.describeTable({ TableName: connection.table }),
  );
  return answer?.Table;
}

async function usable(connection: Connection): Promise<TableDescription | undefined> {
  // For a moment after it was made, it may not be found yet.
  const table = await describe(connection);
  return table?.TableStatus === 'ACTIVE' || table?.TableStatus === 'UPDATING' ? table : undefined;
}

async function create(connection: Connection, { capacity }: Address): Promise<void> {
  // Another process may have been quicker.
  await connection.sendUnless(['ResourceInUseException'], (client) =>
    client.createTable({
      TableName: connection.table,
      KeySchema: [...key],
      AttributeDefinitions: texts,
      // Without a forecast, paying for each request never throttles a rebuild.
      BillingMode: capacity ? 'PROVISIONED' : 'PAY_PER_REQUEST',
      ...(capacity && {
        ProvisionedThroughput: { ReadCapacityUnits: capacity.read, WriteCapacityUnits: capacity.write },
      }),
    }),
  );
}

function compare({ table, place }: Connection, { KeySchema, AttributeDefinitions }: TableDescription): void {
  const typeOf = (name?: string): string =>
    AttributeDefinitions?.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? '';
  const found = (KeySchema ?? []).map(
    (part) => `${part.AttributeName} (${part.KeyType}, ${typeOf(part.AttributeName)})`,
  );
  const wanted = key.map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType}, S)`);
  if (found.join() !== wanted.join())
    throw new Corrupted(
      `The table ${table} of ${place} has the key ${found.join(', ')}, not ${wanted.join(', ')}. ${otherTable}`,
    );
}

async function provisionTtl(connection: Connection, address: Address): Promise<void> {
  const { table: TableName, place } = connection;
  if ((await hasTtl(connection, address)) || !address.ttl) return;
  const TimeToLiveSpecification = { Enabled: true, AttributeName: ttlAttribute };
  const done = await connection.sendUnless(['ValidationException'], (client) =>
    client.updateTimeToLive({ TableName, TimeToLiveSpecification }),
  );
  // Another process may have been quicker.
  if (done === undefined && !(await hasTtl(connection, address)))
    throw new Unavailable(
      `${place} does not switch on the TTL of the table ${TableName}: it takes one change an hour. Try again later.`,
    );
}

/** @throws {Corrupted} it has another than is wanted */
async function hasTtl(connection: Connection, { ttl }: Address): Promise<boolean> {
  const { table, place } = connection;
  const answer = await connection.send((client) => client.describeTimeToLive({ TableName: table }));
  const { TimeToLiveStatus = '', AttributeName } = answer.TimeToLiveDescription ?? {};
  const isOn = TimeToLiveStatus.startsWith('ENABL');
  if (!isOn || (ttl && AttributeName === ttlAttribute)) return isOn;
  throw new Corrupted(
    `The table ${table} of ${place} has a TTL on ${AttributeName}, not ${ttl ? `on ${ttlAttribute}` : 'none'}. Switch it off, or say in the URL what is wanted.`,
  );
}

/** Servers other than AWS may know no backups. */
async function provisionBackups(connection: Connection): Promise<void> {
  const { table: TableName } = connection;
  const now = await connection.sendUnless(['UnknownOperationException'], (client) =>
    client.describeContinuousBackups({ TableName }),
  );
  const found = now?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  if (now === undefined || found === 'ENABLED') return;
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  // Shortly after a table was made, its backups are still being prepared.
  await until(connection, () =>
    connection.sendUnless(['ContinuousBackupsUnavailableException'], (client) =>
      client.updateContinuousBackups({ TableName, PointInTimeRecoverySpecification }),
    ),
  );
}

/** Looks until there is something. */
async function until<T>({ place, table }: Connection, look: () => Promise<T | undefined>): Promise<T> {
  for (let next = pause.first, waited = 0; waited < pause.all; next = Math.min(next * 2, pause.longest)) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(next);
    waited += next;
  }
  throw new Unavailable(
    `${place} takes too long to make, change or remove the table ${table}. Try again later.`,
  );
}
