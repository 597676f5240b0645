import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FacadeProcess, launchEventStoreDbFacade } from '@cartage/engines';
import { EventStoreDbEventStore } from './index.ts';
import { collect, expectExactly, flood, noted, streamsOf, until } from './testing/flood.ts';
import type { Followed } from './testing/slow-follower.ts';

const typescript = new URL('../../../../tools/test/typescript.mjs', import.meta.url).href;
const execArgv = ['--expose-gc', '--conditions=@cartage/source', '--import', typescript];

describe('a server that is a process', () => {
  let folder: string;
  let server: FacadeProcess;
  const start = (port: number) => launchEventStoreDbFacade({ port, file: join(folder, 'log') });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eventstoredb-'));
    server = await start(0);
  });
  afterEach(async () => {
    await server.signal('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('is killed and comes back: nothing acknowledged is lost, nothing repeated is doubled', async () => {
    const store = await EventStoreDbEventStore.open(server.url);
    const following = collect(store, 'a', 16 * 60);
    const writing = flood(store, streamsOf('a', 16), 60);
    for (let round = 0; round < 3; round += 1) {
      await sleep(150);
      await server.signal('SIGKILL');
      server = await start(server.port);
    }
    await expectExactly(store, await writing, await following);
    await store.close();
  }, 90_000);

  it('is stopped: appends fail while it is, and succeed after it, without a restart of anything', async () => {
    const store = await EventStoreDbEventStore.open(server.url);
    await store.append('a', [noted()], 'none');
    const events = Array.from({ length: 8 }, () => noted());
    await server.signal('SIGSTOP');
    const attempts = await Promise.allSettled(
      events.map((event, index) => store.append(`b${index}`, [event], 'none')),
    );
    expect(attempts.map(({ status }) => status)).toEqual(events.map(() => 'rejected'));
    await expect(store.head()).rejects.toMatchObject({ code: 'unavailable' });
    await server.signal('SIGCONT');
    for (const [index, event] of events.entries())
      expect(await until(() => store.append(`b${index}`, [event], 'none'))).toMatchObject({ revision: 0 });
    expect(await until(() => store.head())).toBeGreaterThan(0n);
    await store.close();
  }, 60_000);

  it('is killed while large appends wait for the connection: their errors reach their callers, and nobody else', async () => {
    const store = await EventStoreDbEventStore.open(server.url);
    await store.append('a', [noted()], 'none');
    await server.signal('SIGSTOP');
    const large = { ...noted(), data: { text: 'x'.repeat(100_000) } };
    const appends = Array.from({ length: 64 }, (_, index) =>
      store.append(`b${index}`, [{ ...large, id: crypto.randomUUID() }], 'none'),
    );
    const answers = Promise.allSettled(appends);
    await sleep(100);
    await server.signal('SIGKILL');
    // Jest fails a test in which a rejection reaches nobody.
    for (const result of await answers)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    await store.close();
  }, 30_000);
});

describe('a follower that sleeps over each batch', () => {
  it('gets 50,000 events once each, as a flood and once more from the log, and holds two batches at most', async () => {
    const server = await launchEventStoreDbFacade();
    const store = await EventStoreDbEventStore.open(server.url);
    const follow = () =>
      fork(join(import.meta.dirname, 'testing/slow-follower.ts'), [server.url, 'a', '50000'], { execArgv });
    const during = follow();
    await once(during, 'message');
    const first = once(during, 'message');
    const kilobyte = 'x'.repeat(1_000);
    const make = () => Array.from({ length: 100 }, () => ({ ...noted(), data: { kilobyte } }));
    await flood(store, streamsOf('a', 100), 500, make);
    for (const report of [() => first, () => once(follow(), 'message')]) {
      const [{ held, ...found }] = (await report()) as [Followed];
      const megabytes = (held / 2 ** 20).toFixed(1);
      process.stderr.write(`A slow follower held ${megabytes} MiB at most: ${JSON.stringify(found)}\n`);
      expect(found).toMatchObject({ events: 50_000, astray: [] });
      expect(found.largestBatch).toBeLessThanOrEqual(2_000);
      expect(held).toBeLessThan(32 * 2 ** 20);
    }
    await store.close();
    await server.signal('SIGKILL');
  }, 120_000);
});
