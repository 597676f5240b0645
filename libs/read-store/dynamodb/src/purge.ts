import { inLanes } from '@cartage/read-store/adapting';
import type { Connection } from './connection.ts';
import { fromRow, keyOf, secondOf } from './row.ts';
import { pagesOf } from './scan.ts';

const lanes = 32;

/** For tables without a TTL. DynamoDB reads, and charges, the table until enough is found. */
export async function purge(connection: Connection, before: number, limit: number): Promise<number> {
  let purged = 0;
  const due = {
    FilterExpression: '#ttl <= :before',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':before': { N: `${secondOf(before)}` } },
  };
  for await (const rows of pagesOf(connection, due)) {
    const views = rows.map(fromRow).filter(({ purgeAt = Infinity }) => purgeAt <= before);
    await inLanes(lanes, views.slice(0, limit - purged), async ({ id, revision }) => {
      if (await remove(connection, id, revision)) purged += 1;
    });
    if (purged >= limit) break;
  }
  return purged;
}

/** Answers false when the cart has lived on. */
async function remove(connection: Connection, id: string, revision: number): Promise<boolean> {
  const removed = await connection.sendUnless(['ConditionalCheckFailedException'], (client) =>
    client.deleteItem({
      TableName: connection.table,
      Key: keyOf(id),
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': { N: `${revision}` } },
    }),
  );
  return removed !== undefined;
}
