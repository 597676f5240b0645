import type { Parked } from '@cartage/read-store';
import { Corrupted } from '@cartage/read-store/adapting';
import type { Connection } from './connection.ts';
import { query } from './get.ts';
import type { Row } from './row.ts';

const partition = 'BOOKS';
const checkpoint = 'CHECKPOINT#';
const parkedCart = 'PARKED#';

export async function checkpoints(connection: Connection): Promise<ReadonlyMap<string, bigint>> {
  const rows = await query(connection, partition, checkpoint);
  return new Map(rows.map((row) => [nameIn(row, checkpoint), positionIn(row)]));
}

export const saveCheckpoint = (connection: Connection, name: string, position: bigint): Promise<void> =>
  write(connection, checkpoint + name, { position: { N: `${position}` } });

export async function parked(connection: Connection): Promise<readonly Parked[]> {
  const rows = await query(connection, partition, parkedCart);
  return rows.map(noteIn);
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

function positionIn(row: Row): bigint {
  const digits = row['position']?.N ?? '';
  if (/^\d+$/.test(digits)) return BigInt(digits);
  throw damaged(`checkpoint of ${nameIn(row, checkpoint)}`);
}

function noteIn(row: Row): Parked {
  const id = nameIn(row, parkedCart);
  try {
    const note = JSON.parse(row['note']?.S ?? '') as Parked;
    if (note.id === id && fields.every(([name, type]) => typeof note[name] === type)) return note;
  } catch {
    // No JSON, or none of an object: said below.
  }
  throw damaged(`note on ${id}`);
}

const fields = [
  ['revision', 'number'],
  ['position', 'string'],
  ['reason', 'string'],
  ['parkedAt', 'number'],
] as const;

const damaged = (what: string): Corrupted =>
  new Corrupted(`The stored ${what} is damaged. Rebuild this read store from the log.`);
