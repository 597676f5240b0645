import { bucketOf, type CartView } from '@cartage/cart';
import { allBuckets, type BucketRange } from '@cartage/read-store';
import type { types } from 'cassandra-driver';
import { isOfCart } from './books.ts';
import type { Connection } from './connection.ts';
import { fromRow } from './row.ts';
import type { Table } from './tables.ts';

/** Parts of the ring of tokens, −2^63 to 2^63 − 1, which are read one after the other, and how many of them at once. */
export const parts = 64;
const atOnce = 4;
/** Each part that is being read holds one page in memory. */
const page = { fetchSize: 500, readTimeout: 3_000 } as const; // rows, ms

type Page = {
  readonly part: number;
  readonly rows: readonly types.Row[];
  /** Where the part's next page begins; null: there is none. */
  readonly next: string | null;
};

/** The views of these buckets. Carts lie in the order of their owners' tokens, so all are read for any of them. */
export async function* scan(
  connection: Connection,
  table: Table,
  { from, to }: BucketRange = allBuckets,
): AsyncGenerator<readonly CartView[]> {
  for await (const { rows } of pagesOf(connection, table)) {
    const within = rows.filter((row) => {
      const bucket = bucketOf(String(row['owner']));
      return bucket >= from && bucket <= to;
    });
    if (within.length > 0) yield within.map(fromRow);
  }
}

/** All rows of carts, in pages, some of them empty, beginning with one of the {@link parts} and ending with the one before it. */
export async function* pagesOf(connection: Connection, table: Table, first = 0): AsyncGenerator<Page> {
  const waiting = Array.from({ length: parts }, (_, index) => (first + index) % parts);
  const coming: Promise<Page>[] = [];
  const read = (part: number, after?: string): void => {
    const reading = connection.during(() => pageOf(connection, table, part, after));
    // Nobody may be there any more to hear of it.
    reading.catch(() => undefined);
    coming.push(reading);
  };
  for (const part of waiting.splice(0, atOnce)) read(part);
  for (let next = coming.shift(); next; next = coming.shift()) {
    const arrived = await next;
    if (arrived.next !== null) read(arrived.part, arrived.next);
    else for (const part of waiting.splice(0, 1)) read(part);
    yield arrived;
  }
}

async function pageOf(
  connection: Connection,
  { cql }: Table,
  part: number,
  pageState?: string,
): Promise<Page> {
  const options = { ...page, ...(pageState !== undefined && { pageState }) };
  const { rows, pageState: next } = await connection.send(cql.scan, boundsOf(part), options);
  return { part, rows: rows.filter((row) => isOfCart(row)), next };
}

/** The first bound is excluded; no owner has the lowest token. */
function boundsOf(part: number): readonly [bigint, bigint] {
  const lowest = -(2n ** 63n);
  const width = 2n ** 64n / BigInt(parts);
  const end = lowest + BigInt(part + 1) * width;
  return [lowest + BigInt(part) * width, part === parts - 1 ? end - 1n : end];
}
