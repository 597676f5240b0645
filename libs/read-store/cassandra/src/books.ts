import type { Parked } from '@cartage/read-store';
import { Corrupted } from '@cartage/read-store/adapting';
import type { types } from 'cassandra-driver';
import type { Connection } from './connection.ts';
import { partition } from './get.ts';
import type { Table } from './tables.ts';

/** Partitions among those of owners, whose keys begin with u~ or g~. */
const books = { checkpoints: '#checkpoints', parked: '#parked' } as const;

/** Whether a row is a view, not a note of this file's. */
export const isOfCart = (row: types.Row): boolean => !String(row['owner']).startsWith('#');

export async function checkpoints(
  connection: Connection,
  table: Table,
): Promise<ReadonlyMap<string, bigint>> {
  const rows = await partition(connection, table, books.checkpoints);
  return new Map(rows.map((row) => [String(row['name']), positionIn(row)]));
}

export const saveCheckpoint = (
  connection: Connection,
  table: Table,
  name: string,
  position: bigint,
): Promise<void> => write(connection, table, [books.checkpoints, name, `${position}`]);

export async function parked(connection: Connection, table: Table): Promise<readonly Parked[]> {
  const rows = await partition(connection, table, books.parked);
  return rows.map(noteIn);
}

export const park = (connection: Connection, table: Table, entry: Parked): Promise<void> =>
  write(connection, table, [books.parked, entry.id, JSON.stringify(entry)]);

export async function unpark(connection: Connection, { cql }: Table, id: string): Promise<void> {
  await connection.send(cql.forget, [books.parked, id]);
}

/** Under the server's time, not this machine's: the last one counts, also when clocks of writers differ. */
async function write(connection: Connection, { cql }: Table, values: readonly string[]): Promise<void> {
  await connection.send(cql.note, values);
}

function positionIn(row: types.Row): bigint {
  const digits: unknown = row['cart'];
  if (typeof digits === 'string' && /^\d+$/.test(digits)) return BigInt(digits);
  throw damaged(`checkpoint of ${row['name']}`);
}

function noteIn(row: types.Row): Parked {
  const id = String(row['name']);
  try {
    const note = JSON.parse(String(row['cart'])) as Parked;
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
