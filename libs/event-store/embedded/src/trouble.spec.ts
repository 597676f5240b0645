import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open as openFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EventStore, NewEvent } from '@cartage/event-store';
import { type Database, open as openLmdb } from 'lmdb';
import { EmbeddedEventStore } from './index.ts';
import { positionKey, revisionKey } from './log.ts';
import type { Filled } from './testing/filler.ts';
import { ended, start } from './testing/processes.ts';

const isLinux = process.platform === 'linux';
const onLinux = isLinux ? describe : describe.skip;
const unlessLinux = isLinux ? '' : ' (NOT TESTED: only Linux can change the limits of a running process)';

const noted = (text: string): NewEvent => ({
  id: crypto.randomUUID(),
  type: 'Noted',
  data: { text },
  metadata: {},
});

describe('a log in trouble', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-store-'));
    const store = await EmbeddedEventStore.open(folder);
    await store.append('notes', ['one', 'needle', 'three'].map(noted), 'none');
    await store.close();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const withStore = async (use: (store: EventStore) => Promise<void>): Promise<void> => {
    const store = await EmbeddedEventStore.open(folder);
    try {
      await use(store);
    } finally {
      await store.close();
    }
  };

  it('names the event whose bytes changed, and delivers nothing in its place', async () => {
    await flipBit(join(folder, 'data.mdb'), 'needle');
    const damage = {
      code: 'corrupted',
      message:
        'The event at position 1 (stream notes) is damaged: its checksum does not match. Restore the folder from a backup.',
    };
    await withStore(async (store) => {
      await expect(read(store, 'notes')).rejects.toMatchObject(damage);
      await expect(follow(store)).rejects.toMatchObject(damage);
      await expect(store.append('notes', ['one', 'needle'].map(noted), 'none')).rejects.toMatchObject(damage);
      expect(await store.append('notes', [noted('four')], 2)).toMatchObject({ revision: 3 });
    });
  });

  it('names the revision that its index does not lead to', async () => {
    const key = revisionKey('notes', 1);
    for (const spoil of [
      (streams: Database) => streams.putSync(key, positionKey(0)),
      (streams: Database) => streams.putSync(key, positionKey(77)),
      (streams: Database) => streams.removeSync(key),
    ]) {
      const database = openLmdb({ path: folder, overlappingSync: false });
      spoil(database.openDB({ name: 'streams', encoding: 'binary', keyEncoding: 'binary' }));
      await database.close();
      await withStore((store) =>
        expect(read(store, 'notes')).rejects.toMatchObject({
          code: 'corrupted',
          message: 'Revision 1 of stream notes is missing. Restore the folder from a backup.',
        }),
      );
    }
  });

  it('is not opened when it is another store’s, of another format, cut off or not a log at all', async () => {
    const manifest = join(folder, 'format.json');
    const data = join(folder, 'data.mdb');
    const [good, bytes] = [await readFile(manifest, 'utf8'), await readFile(data)];
    for (const other of [
      { kind: 'read-store', version: 1 },
      { kind: 'event-store', version: 2 },
    ]) {
      await writeFile(manifest, JSON.stringify(other));
      await expect(EmbeddedEventStore.open(folder)).rejects.toMatchObject({ code: 'corrupted' });
    }
    await writeFile(manifest, good);
    await truncate(data, bytes.length / 2);
    await expect(EmbeddedEventStore.open(folder)).rejects.toMatchObject({ code: 'corrupted' });
    await writeFile(data, 'not a log'.repeat(10_000));
    await expect(EmbeddedEventStore.open(folder)).rejects.toMatchObject({ code: 'corrupted' });
    await writeFile(data, bytes);
    await withStore(async (store) => expect(await read(store, 'notes')).toHaveLength(3));
  });

  onLinux(`with a full disk${unlessLinux}`, () => {
    it('refuses appends, keeps what it has, and goes on when there is room', async () => {
      const filler = start('filler', folder);
      try {
        await limitFileSize(filler.pid, 2_000_000);
        const [full] = (await once(filler, 'message')) as [Filled];
        expect(full.accepted).toBeGreaterThan(10);
        expect(full.refusal).toEqual({
          code: 'unavailable',
          message: expect.stringMatching(/disk is full|may not grow/),
        });
        await limitFileSize(filler.pid, 'unlimited');
        filler.send('there is room');
        const [after] = (await once(filler, 'message')) as [Filled];
        expect(after).toEqual({ accepted: full.accepted + 1 });
        await ended(filler);
        await withStore(async (store) => expect(await read(store, 'filled')).toHaveLength(after.accepted));
      } finally {
        filler.kill('SIGKILL');
      }
    }, 30_000);
  });

  it('says so when another process holds the lock and does not let go, and goes on when it does', async () => {
    const holder = holdLock(folder);
    try {
      await once(holder, 'message');
      await withStore(async (store) => {
        holder.send('hold');
        await once(holder, 'message');
        const unavailable = {
          code: 'unavailable',
          message: expect.stringContaining('another process stopped'),
        };
        await expect(store.append('notes', [noted('four')], 2)).rejects.toMatchObject(unavailable);
        await expect(store.append('notes', [noted('four')], 2)).rejects.toMatchObject(unavailable);
        expect(await read(store, 'notes')).toHaveLength(3);
        holder.kill('SIGCONT');
        await once(holder, 'exit');
        while ((await store.append('notes', [noted('four')], 2).catch(() => undefined)) === undefined) {
          await new Promise(setImmediate);
        }
        expect(await read(store, 'notes')).toHaveLength(4);
      });
    } finally {
      holder.kill('SIGKILL');
    }
  }, 30_000);
});

async function read(store: EventStore, stream: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const event of store.read(stream)) found.push(event);
  return found;
}

async function follow(store: EventStore): Promise<void> {
  for await (const { caughtUp } of store.follow(undefined)) if (caughtUp) return;
}

async function flipBit(path: string, text: string): Promise<void> {
  const at = (await readFile(path)).indexOf(text);
  const file = await openFile(path, 'r+');
  await file.write(Buffer.from([text.charCodeAt(0) ^ 1]), 0, 1, at);
  await file.close();
}

const limitFileSize = (pid: number | undefined, limit: number | 'unlimited') =>
  promisify(execFile)('prlimit', ['--pid', `${pid}`, `--fsize=${limit}:unlimited`]);

/** A process that, when told to, takes the lock for writing and stops with it in its hands. */
function holdLock(folder: string): ChildProcess {
  const program = `
    import { open } from 'lmdb';
    const database = open({ path: process.argv[1], overlappingSync: false });
    process.once('message', () => {
      database.transactionSync(() => {
        process.send('held');
        process.kill(process.pid, 'SIGSTOP');
      });
      process.disconnect();
    });
    process.send('ready');`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}
