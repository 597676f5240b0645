import { isDeepStrictEqual } from 'node:util';
import type { Bare } from './bare.ts';
import { bareCassandra } from './bare-cassandra.ts';
import { bareDynamoDb } from './bare-dynamodb.ts';
import { bareMongoDb } from './bare-mongodb.ts';
import type { StoreName } from './engines.ts';
import { openStore } from './open.ts';
import { patiently } from './patiently.ts';
import type { BareJob, ClientSetting, Replies } from './protocol.ts';
import { during, once } from './work.ts';

const openers: Readonly<Record<StoreName, (url: string, generation: string) => Promise<Bare>>> = {
  cassandra: bareCassandra,
  dynamodb: bareDynamoDb,
  mongodb: bareMongoDb,
};

const setting = JSON.parse(process.argv[2] ?? '') as ClientSetting;
const { engine, url, generation } = setting;
const bare = await openers[engine](url, generation);
const comparedAtOnce = 500;
let ids: readonly string[] = [];

async function perform(job: BareJob): Promise<Replies[BareJob['do']]> {
  switch (job.do) {
    case 'load':
      await patiently(() => withStore(generation, (store) => store.provision()));
      ids = await bare.load(job.from);
      return { carts: ids.length };
    case 'seed':
      return await once(bare.seed, ids.length);
    case 'write':
    case 'read':
      return await during(job.milliseconds, bare[job.do], ids.length);
    case 'units':
      return (await bare.units?.()) ?? null;
    case 'compare':
      return { same: await sameViews(job.with) };
    case 'drop':
      for (const one of job.generations) await withStore(one, (store) => store.drop());
      return {};
  }
}

/** How many of the carts have the same view in both generations. */
async function sameViews(other: string): Promise<number> {
  return await withStore(generation, (own) =>
    withStore(other, async (theirs) => {
      let same = 0;
      for (let from = 0; from < ids.length; from += comparedAtOnce) {
        const some = ids.slice(from, from + comparedAtOnce);
        const found = await theirs.getMany(some);
        for (const [at, view] of (await own.getMany(some)).entries())
          if (view && isDeepStrictEqual(view, found[at])) same += 1;
      }
      return same;
    }),
  );
}

async function withStore<T>(
  one: string,
  use: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>,
): Promise<T> {
  const store = await openStore({ engine, url, generation: one });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

process.on('message', (job: BareJob) => {
  void perform(job).then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => {
  void bare.close().then(() => process.exit(0));
});
