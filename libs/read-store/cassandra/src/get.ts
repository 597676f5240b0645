import type { CartView } from '@cartage/cart';
import { partsOf } from '@cartage/cart';
import { inLanes } from '@cartage/read-store/adapting';
import type { types } from 'cassandra-driver';
import { type Connection, lanes } from './connection.ts';
import { fromRow, viewIn } from './row.ts';
import type { Table } from './tables.ts';

export async function viewOf(
  connection: Connection,
  { cql }: Table,
  id: string,
): Promise<CartView | undefined> {
  const { owner, name } = partsOf(id);
  const row = (await connection.send(cql.get, [owner, name])).rows[0];
  return row && viewIn(id, row['cart']);
}

/**
 * The views of any number of carts, by id. One by one, each asked of a node that has it: all at once would make a single node
 * collect them from the others.
 */
export async function viewsOf(
  connection: Connection,
  table: Table,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CartView>> {
  const views = new Map<string, CartView>();
  await inLanes(lanes, [...new Set(ids)], async (id) => {
    const view = await viewOf(connection, table, id);
    if (view) views.set(id, view);
  });
  return views;
}

/** All carts of an owner: one statement for each 5,000. */
export async function viewsOfOwner(
  connection: Connection,
  table: Table,
  owner: string,
): Promise<readonly CartView[]> {
  return (await partition(connection, table, owner)).map(fromRow);
}

/** All rows of a partition. */
export async function partition(
  connection: Connection,
  { cql }: Table,
  owner: string,
): Promise<readonly types.Row[]> {
  const rows: types.Row[] = [];
  let pageState: string | undefined;
  do {
    const page = await connection.send(cql.list, [owner], { ...(pageState && { pageState }) });
    rows.push(...page.rows);
    pageState = page.pageState ?? undefined;
  } while (pageState);
  return rows;
}
