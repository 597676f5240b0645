import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FacadeProcess, launchEventStoreDbFacade } from '@cartage/engines';
import { EventStoreDbEventStore } from './index.ts';
import { collect, expectExactly, flood, noted, streamsOf, until } from './testing/flood.ts';

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
