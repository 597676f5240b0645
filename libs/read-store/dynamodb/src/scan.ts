import type { CartView } from '@cartage/cart';
import { allBuckets, type BucketRange } from '@cartage/read-store';
import type { Connection } from './connection.ts';
import { fromRow, type Row } from './row.ts';

/** Parts of the table that are read at once; each holds one page of up to 1 MB in memory. */
const segments = 4;

/** A page of a segment, and where the next one begins; `undefined`: there is none. */
type Page = { readonly segment: number; readonly rows: readonly Row[]; readonly next: Row | undefined };

/** The views of these buckets. DynamoDB reads, and charges, the whole table for any of them. */
export async function* scan(
  connection: Connection,
  { from, to }: BucketRange = allBuckets,
): AsyncGenerator<readonly CartView[]> {
  // Checkpoints and notes have no bucket.
  const condition: Condition = {
    FilterExpression: '#bucket BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#bucket': 'bucket' },
    ExpressionAttributeValues: { ':from': { N: `${from}` }, ':to': { N: `${to}` } },
  };
  for await (const rows of pagesOf(connection, condition)) yield rows.map(fromRow);
}

/** Which rows a scan answers. */
export type Condition = {
  readonly FilterExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, { N: string }>;
};

/** All rows of the table that meet the condition, in pages, none of them empty. */
export async function* pagesOf(connection: Connection, condition: Condition): AsyncGenerator<readonly Row[]> {
  const read = (segment: number, start?: Row): Promise<Page> =>
    connection.during(() => pageOf(connection, condition, segment, start));
  const coming = new Map(Array.from({ length: segments }, (_, segment) => [segment, read(segment)]));
  while (coming.size > 0) {
    const { segment, rows, next } = await Promise.race(coming.values());
    if (next === undefined) coming.delete(segment);
    else coming.set(segment, read(segment, next));
    if (rows.length > 0) yield rows;
  }
}

async function pageOf(
  connection: Connection,
  condition: Condition,
  segment: number,
  start?: Row,
): Promise<Page> {
  const { Items, LastEvaluatedKey } = await connection.send((client) =>
    client.scan({
      ...condition,
      TableName: connection.table,
      // A view that was written before must not be missed.
      ConsistentRead: true,
      Segment: segment,
      TotalSegments: segments,
      ExclusiveStartKey: start,
    }),
  );
  return { segment, rows: Items ?? [], next: LastEvaluatedKey };
}
