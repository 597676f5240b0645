import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import type { CartView } from '@cartage/cart';
import type { PutMode, PutResult } from '@cartage/read-store';
import { batchesOf, inLanes, newestOf, retrying } from '@cartage/read-store/adapting';
import { type Connection, sendAll } from './connection.ts';
import { isThrottled } from './errors.ts';
import { type CartRow, toRow } from './row.ts';

/** Bytes of a view as JSON. DynamoDB takes 409,600 for a row with all names and values; the others are under 400. */
export const mostViewBytes = 409_600 - 400;

/** DynamoDB's own limits of a batch: rows, and a part of the 16 MB, as JSON in JSON is up to twice as long. */
const mostInBatch = { items: 25, bytes: 4_000_000 } as const;

const lanesOfRows = 32;
const lanesOfBatches = 8;

/** Of several versions of a cart, only the newest is sent. */
export async function put(
  connection: Connection,
  views: readonly CartView[],
  mode: PutMode,
): Promise<PutResult> {
  const rows = newestOf(views).map(sized);
  const fitting = rows.filter(({ bytes }) => bytes <= mostViewBytes);
  const oversized = rows.filter(({ bytes }) => bytes > mostViewBytes).map(({ id }) => id);
  const written = await writers[mode](connection, fitting);
  return { written, stale: views.length - written - oversized.length, oversized };
}

type Sized = { readonly id: string; readonly row: CartRow; readonly bytes: number };

function sized(view: CartView): Sized {
  const row = toRow(view);
  return { id: view.id, row, bytes: Buffer.byteLength(row.cart.S ?? '') };
}

/** Both answer how many rows were written. */
const writers: Record<PutMode, (connection: Connection, rows: readonly Sized[]) => Promise<number>> = {
  fenced: async (connection, rows) => {
    let written = 0;
    await inLanes(lanesOfRows, rows, async ({ row }) => {
      if (await patiently(() => putIfNewer(connection, row))) written += 1;
    });
    return written;
  },
  fresh: async (connection, rows) => {
    const batches = batchesOf(rows, mostInBatch);
    await inLanes(lanesOfBatches, batches, (batch) => patiently(() => overwrite(connection, batch)));
    return rows.length;
  },
};

/** A put of many rows would otherwise fail as a whole for one that was refused, and all of them be sent again. */
const patiently = <T>(work: () => Promise<T>): Promise<T> =>
  retrying(work, { attempts: 5, base: 100, isTransient: isThrottled });

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

async function overwrite(connection: Connection, batch: readonly Sized[]): Promise<void> {
  const { table } = connection;
  const puts: readonly WriteRequest[] = batch.map(({ row }) => ({ PutRequest: { Item: row } }));
  await sendAll(puts, async (left) => {
    const request = { RequestItems: { [table]: [...left] } };
    const { UnprocessedItems } = await connection.send((client) => client.batchWriteItem(request));
    return UnprocessedItems?.[table] ?? [];
  });
}
