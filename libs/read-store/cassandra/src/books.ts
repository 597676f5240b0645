import type { Parked } from '@cartage/read-store';
import { storedNoteIn, storedPosition } from '@cartage/read-store/adapting';
import type { types } from 'cassandra-driver';
import type { Connection, SendOptions } from './connection.ts';
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
  const rows = await connection.setbacks.reading(() => partition(connection, table, books.checkpoints));
  return new Map(rows.map(nameAndValue).map(([name, digits]) => [name, storedPosition(name, digits)]));
}

export const saveCheckpoint = (
  connection: Connection,
  table: Table,
  name: string,
  position: bigint,
): Promise<void> =>
  write(connection, table, [books.checkpoints, name, `${position}`], {
    guard: connection.setbacks.guard(),
  });

export async function parked(connection: Connection, table: Table): Promise<readonly Parked[]> {
  const rows = await partition(connection, table, books.parked);
  return rows.map(nameAndValue).map(([id, json]) => storedNoteIn(id, json));
}

export const park = (connection: Connection, table: Table, entry: Parked): Promise<void> =>
  write(connection, table, [books.parked, entry.id, JSON.stringify(entry)]);

export async function unpark(connection: Connection, { cql }: Table, id: string): Promise<void> {
  await connection.send(cql.forget, [books.parked, id]);
}

/** Under the server's time, not this machine's: the last one counts, also when clocks of writers differ. */
async function write(
  connection: Connection,
  { cql }: Table,
  values: readonly string[],
  options?: SendOptions,
): Promise<void> {
  await connection.send(cql.note, values, options);
}

const nameAndValue = (row: types.Row): readonly [string, unknown] => [String(row['name']), row['cart']];
