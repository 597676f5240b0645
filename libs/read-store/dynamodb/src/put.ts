import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import type { CartView } from '@cartage/cart';
import type { PutMode, PutResult } from '@cartage/read-store';
import { type Connection, inLanes, sendAll } from './connection.ts';
import { type CartRow, type Row, toRow } from './row.ts';

/** Bytes of a view as JSON. DynamoDB takes 409,600 for a row with all names and values; the others are under 400. */
export const mostViewBytes = 409_600 - 400;

/** DynamoDB's own limits of a batch: rows, and a part of the 16 MB, as JSON in JSON is up to twice as long. */
const mostRows = 25;
const mostBytes = 4_000_000;

const lanesOfRows = 32;
const lanesOfBatches = 8;

/** Of several versions of a cart, only the newest is sent. */
export async function put(
  connection: Connection,
  views: readonly CartView[],
  mode: PutMode,
): Promise<PutResult> {
  const rows = [...newestOf(views)].map(([id, view]) => sized(id, toRow(view)));
  const fitting = rows.filter(({ bytes }) => bytes <= mostViewBytes);
  const oversized = rows.filter(({ bytes }) => bytes > mostViewBytes).map(({ id }) => id);
  const written = await writers[mode](connection, fitting);
  return { written, stale: views.length - written - oversized.length, oversized };
}

type Sized = { readonly id: string; readonly row: CartRow; readonly bytes: number };
const sized = (id: string, row: CartRow): Sized => ({ id, row, bytes: Buffer.byteLength(row.cart.S ?? '') });

function newestOf(views: readonly CartView[]): ReadonlyMap<string, CartView> {
  const newest = new Map<string, CartView>();
  for (const view of views)
    if (view.revision > (newest.get(view.id)?.revision ?? -1)) newest.set(view.id, view);
  return newest;
}

/** Both answer how many rows were written. */
const writers: Record<PutMode, (connection: Connection, rows: readonly Sized[]) => Promise<number>> = {
  fenced: async (connection, rows) => {
    let written = 0;
    await inLanes(lanesOfRows, rows, async ({ row }) => {
      if (await putIfNewer(connection, row)) written += 1;
    });
    return written;
  },
  fresh: async (connection, rows) => {
    await inLanes(lanesOfBatches, batchesOf(rows), (batch) => overwrite(connection, batch));
    return rows.length;
  },
};

/**
 * Answers false when the stored view is as new. It may be this very one: whether an answer got lost and the request was
 * repeated, nobody can tell.
 */
async function putIfNewer(connection: Connection, row: CartRow): Promise<boolean> {
  const written = await connection.sendUnless(['ConditionalCheckFailedException'], (client) =>
    client.putItem({
      TableName: connection.table,
      Item: row,
      ConditionExpression: 'attribute_not_exists(pk) OR revision < :revision',
      ExpressionAttributeValues: { ':revision': row.revision },
    }),
  );
  return written !== undefined;
}

async function overwrite(connection: Connection, batch: readonly Row[]): Promise<void> {
  const { table } = connection;
  const puts: readonly WriteRequest[] = batch.map((Item) => ({ PutRequest: { Item } }));
  await sendAll(puts, async (left) => {
    const request = { RequestItems: { [table]: [...left] } };
    const { UnprocessedItems } = await connection.send((client) => client.batchWriteItem(request));
    return UnprocessedItems?.[table] ?? [];
  });
}

function batchesOf(rows: readonly Sized[]): readonly (readonly Row[])[] {
  const batches: Row[][] = [];
  let room = { rows: 0, bytes: 0 };
  for (const { row, bytes } of rows) {
    if (room.rows === 0 || room.bytes < bytes) {
      batches.push([]);
      room = { rows: mostRows, bytes: mostBytes };
    }
    batches.at(-1)?.push(row);
    room = { rows: room.rows - 1, bytes: room.bytes - bytes };
  }
  return batches;
}
