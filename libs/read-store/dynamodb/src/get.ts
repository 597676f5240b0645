import type { CartView } from '@cartage/cart';
import { inLanes } from '@cartage/read-store/adapting';
import { type Connection, sendAll } from './connection.ts';
import { cartPrefix, fromRow, idOf, keyOf, partitionOf, type Row } from './row.ts';

/** Keys that DynamoDB takes in one read. */
export const mostKeys = 100;
const lanes = 16;

/** The rows of up to {@link mostKeys} different carts, by id. */
export async function rowsOf(connection: Connection, ids: readonly string[]): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  await sendAll(ids.map(keyOf), async (keys) => {
    const { table } = connection;
    const request = { RequestItems: { [table]: { Keys: [...keys], ConsistentRead: true } } };
    const { Responses, UnprocessedKeys } = await connection.send((client) => client.batchGetItem(request));
    for (const row of Responses?.[table] ?? []) rows.set(idOf(row), row);
    // Also when the rows are over 16 MB.
    return UnprocessedKeys?.[table]?.Keys ?? [];
  });
  return rows;
}

/** The views of any number of carts, by id. */
export async function viewsOf(
  connection: Connection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CartView>> {
  const views = new Map<string, CartView>();
  const different = [...new Set(ids)];
  const batches = Array.from({ length: Math.ceil(different.length / mostKeys) }, (_, index) =>
    different.slice(index * mostKeys, (index + 1) * mostKeys),
  );
  await inLanes(lanes, batches, async (batch) => {
    for (const [id, row] of await rowsOf(connection, batch)) views.set(id, fromRow(row));
  });
  return views;
}

/** All carts of an owner: one request for each MB of them. */
export async function viewsOfOwner(connection: Connection, owner: string): Promise<readonly CartView[]> {
  const rows = await query(connection, partitionOf(owner), cartPrefix);
  return rows.map(fromRow);
}

/** All rows of a partition whose sort key begins so. */
export async function query(connection: Connection, pk: string, prefix: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: Row | undefined;
  do {
    const request = {
      TableName: connection.table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
      ExclusiveStartKey: after,
    };
    const page = await connection.send((client) => client.query(request));
    rows.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return rows;
}
