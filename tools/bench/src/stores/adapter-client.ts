import { getsAtOnce, type Going, viewsInPut, worksOn } from './adapter.ts';
import { shopCarts } from './carts.ts';
import { openStore, openWatched } from './open.ts';
import { patiently } from './patiently.ts';
import type { AdapterJob, Calls, ClientSetting, Replies } from './protocol.ts';
import { during, once, type Work } from './work.ts';

const setting = JSON.parse(process.argv[2] ?? '') as ClientSetting;
const store = await openStore(setting);
let carts: readonly Going[] = [];
let works = worksOn(store, carts);

async function perform(job: AdapterJob): Promise<Replies[AdapterJob['do']]> {
  switch (job.do) {
    case 'load':
      carts = shopCarts(job.carts, job.seed);
      works = worksOn(store, carts);
      await patiently(() => fill(job.warmUp));
      return { carts: carts.length };
    case 'write':
    case 'read':
      return await during(job.milliseconds, works[job.do], carts.length);
    case 'calls':
      return await countCalls();
  }
}

async function fill(warmUp: number): Promise<void> {
  await store.provision();
  await once(works.write, carts.length);
  for (const work of [works.write, works.read]) await during(warmUp, work, carts.length);
}

/** By a client of its own: whoever counts is slower. The first call of each kind may prepare what later ones use. */
async function countCalls(): Promise<Calls> {
  let calls = 0;
  const watched = await openWatched(setting, () => (calls += 1));
  const { write, read } = worksOn(watched, carts);
  const counted = async (work: Work, count: number): Promise<number> => {
    await once(work, count);
    calls = 0;
    await once(work, count);
    return calls / count;
  };
  const found = { write: await counted(write, viewsInPut), read: await counted(read, getsAtOnce) };
  await watched.close();
  return found;
}

process.on('message', (job: AdapterJob) => {
  void perform(job).then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => {
  void store.close().then(() => process.exit(0));
});
