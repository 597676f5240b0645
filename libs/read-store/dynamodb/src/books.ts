import type { Parked } from '@cartage/read-store';
import { storedNoteIn, storedPosition } from '@cartage/read-store/adapting';
import type { Connection } from './connection.ts';
import { query } from './get.ts';
import type { Row } from './row.ts';

const partition = 'BOOKS';
const checkpoint = 'CHECKPOINT#';
const parkedCart = 'PARKED#';

export async function checkpoints(connection: Connection): Promise<ReadonlyMap<string, bigint>> {
  const rows = await query(connection, partition, checkpoint);
  const named = rows.map((row) => [nameIn(row, checkpoint), row['position']?.N] as const);
  return new Map(named.map(([name, digits]) => [name, storedPosition(name, digits)]));
}

export const saveCheckpoint = (connection: Connection, name: string, position: bigint): Promise<void> =>
  write(connection, checkpoint + name, { position: { N: `${position}` } });

export async function parked(connection: Connection): Promise<readonly Parked[]> {
  const rows = await query(connection, partition, parkedCart);
  return rows.map((row) => storedNoteIn(nameIn(row, parkedCart), row['note']?.S));
}

export const park = (connection: Connection, entry: Parked): Promise<void> =>
  write(connection, parkedCart + entry.id, { note: { S: JSON.stringify(entry) } });

export async function unpark(connection: Connection, id: string): Promise<void> {
  const key = { pk: { S: partition }, sk: { S: parkedCart + id } };
  await connection.send((client) => client.deleteItem({ TableName: connection.table, Key: key }));
}

async function write(connection: Connection, sk: string, attributes: Row): Promise<void> {
  const row = { pk: { S: partition }, sk: { S: sk }, ...attributes };
  await connection.send((client) => client.putItem({ TableName: connection.table, Item: row }));
}

const nameIn = ({ sk }: Row, prefix: string): string => sk?.S?.slice(prefix.length) ?? '';
