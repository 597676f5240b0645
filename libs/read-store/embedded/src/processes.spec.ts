import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, versionsOf, watching } from '@cartage/read-store/testing';
import { EmbeddedReadStore } from './index.ts';

const writer = fileURLToPath(new URL('writer.fixture.mjs', import.meta.url));
const project = fileURLToPath(new URL('..', import.meta.url));
const compiler = fileURLToPath(new URL('../../../../node_modules/typescript-7/bin/tsc', import.meta.url));

/** Runs a case on a folder of its own, with this process's store in it. */
async function inFolder(body: (store: ReadStore, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-read-store-'));
  const store = await EmbeddedReadStore.open(folder);
  try {
    await body(store, folder);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('EmbeddedReadStore between processes', () => {
  beforeAll(async () => {
    const code = await ended(spawn(process.execPath, [compiler, '-b', project], { stdio: 'inherit' }));
    if (code !== 0) throw new Error('The project does not compile.');
  }, 60_000);

  it('never lets a reader see a cart go backwards while two processes write it', () =>
    inFolder(async (store, folder) => {
      const tenAdds = Array.from({ length: 10 }, () => add('shirt'));
      const newest = Array.from({ length: 40 }, (_, cart) => lastOf(versionsOf(`u~${cart}~main`, tenAdds)));
      const ids = newest.map(({ id }) => id);
      const watch = watching(store, ids);
      const writers = ['1', '2'].map((seed) => spawn(process.execPath, [writer, folder, 'shuffled', seed]));
      expect(await Promise.all(writers.map(ended))).toEqual([0, 0]);
      expect(await watch.stop()).toEqual([]);
      expect(await store.getMany(ids)).toStrictEqual(newest);
    }));

  it('sees what another process committed a moment ago, within one turn of the event loop', () =>
    inFolder(async (store, folder) => {
      const seen: (number | undefined)[] = [];
      for (const revision of ['0', '1', '2']) {
        execFileSync(process.execPath, [writer, folder, 'ascending', revision, revision]);
        seen.push((await store.get('u~42~main'))?.revision);
      }
      expect(seen).toEqual([0, 1, 2]);
    }));

  it('loses nothing that was acknowledged when a writer is killed, and goes on without it', () =>
    inFolder(async (store, folder) => {
      const child = spawn(process.execPath, [writer, folder, 'ascending', '0', '1000000']);
      const said: string[] = [];
      for await (const line of createInterface(child.stdout)) {
        said.push(line);
        if (said.length === 50) child.kill('SIGKILL');
      }
      const acknowledged = said.map(Number);
      expect(said).toEqual(acknowledged.map(String));
      const last = lastOf(acknowledged);
      expect((await store.get('u~42~main'))?.revision).toBeGreaterThanOrEqual(last);
      const stored = await store.getMany(acknowledged.map((revision) => `u~at${revision}~main`));
      expect(stored.map((view) => view?.revision)).toEqual(acknowledged);
      const next = lastOf(versionsOf('u~next~main', [add('shirt')]));
      expect(await store.put([next], 'fenced')).toMatchObject({ written: 1 });
    }));

  it('says that it is unavailable when the disk is full, keeps what it had, and goes on when there is room', () =>
    inFolder(async (store, folder) => {
      const command = `ulimit -f 600; exec "$0" "$@"`;
      const args = ['-c', command, process.execPath, writer, folder, 'ascending', '0', '1000000'];
      const { stdout } = await promisify(execFile)('sh', args);
      const said = stdout.trim().split('\n');
      expect(said.pop()).toBe('unavailable');
      expect((await store.get('u~42~main'))?.revision).toBe(said.length - 1);
      execFileSync(process.execPath, [writer, folder, 'ascending', `${said.length}`, `${said.length}`]);
      expect((await store.get('u~42~main'))?.revision).toBe(said.length);
    }));
});
