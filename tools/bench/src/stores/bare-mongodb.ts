import { parseAddress } from '@cartage/read-store-mongodb/address';
import { MongoClient } from 'mongodb';
import type { Bare } from './bare.ts';
import { mixed } from './carts.ts';
import type { Work } from './work.ts';

type Row = { readonly _id: string; revision: number; readonly [field: string]: unknown };

export async function bareMongoDb(url: string, generation: string): Promise<Bare> {
  const client = clientFor(url);
  const db = client.db(parseAddress(url).database);
  let rows: readonly Row[] = [];
  const batches = (batch: number, run: (rows: readonly Row[]) => Promise<unknown>): Work => ({
    batch,
    lanes: 1,
    run: (from, count) => run(rows.slice(from, from + count)),
  });
  const upsert = async (batch: readonly Row[]): Promise<void> => {
    const updates = batch.map((u) => ({
      q: { _id: u._id, revision: { $not: { $gte: u.revision } } },
      u,
      upsert: true,
    }));
    const { n, writeErrors } = await db.command({
      update: generation,
      ordered: false,
      writeConcern: { w: 'majority' },
      updates,
    });
    if (n !== batch.length || writeErrors)
      throw new Error(`Of ${batch.length} newer rows, ${n} were written.`);
  };
  return {
    load: async (other) => {
      rows = mixed(await db.collection<Row>(other).find().toArray(), idOf);
      return rows.map(idOf);
    },
    write: batches(1_000, (batch) => {
      for (const row of batch) row.revision += 1;
      return upsert(batch);
    }),
    seed: batches(1_000, upsert),
    read: batches(100, async (batch) => {
      const $in = batch.map(idOf);
      const found = await db
        .collection<Row>(generation)
        .find({ _id: { $in } }, { batchSize: $in.length + 1 })
        .toArray();
      if (found.length !== $in.length) throw new Error(`Of ${$in.length} carts, ${found.length} came.`);
    }),
    close: () => client.close(),
  };
}

const idOf = ({ _id }: Row): string => _id;

function clientFor(url: string): MongoClient {
  const { srv, hosts, database, credentials, settings } = parseAddress(url);
  const query = new URLSearchParams(settings).toString();
  return new MongoClient(`mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/${database}?${query}`, {
    ...(credentials && { auth: credentials }),
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority' },
    retryReads: false,
    retryWrites: false,
    maxPoolSize: 32,
  });
}
