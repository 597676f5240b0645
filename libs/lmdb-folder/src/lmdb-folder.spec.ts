import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbFolder } from './index.ts';

describe('an LMDB folder', () => {
  let parent: string;
  let folder: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'lmdb-folder-'));
    folder = join(parent, 'some', 'where');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const open = (at = folder) => openLmdbFolder(at, 'letters', 1, { encoding: 'string' });

  it('is created with its parents, says what it holds, and holds it', async () => {
    const database = await open();
    await database.put('a', 'letter');
    await database.close();
    expect(JSON.parse(await readFile(join(folder, 'format.json'), 'utf8'))).toEqual({
      kind: 'letters',
      version: 1,
    });
    const reopened = await open();
    expect(reopened.get('a')).toBe('letter');
    await reopened.close();
  });

  it('may be created by several at the same moment', async () => {
    const databases = await Promise.all(Array.from({ length: 5 }, () => open()));
    await Promise.all(databases.map((database) => database.close()));
    expect((await readdir(folder)).toSorted()).toEqual(['data.mdb', 'format.json', 'lock.mdb']);
  });

  it('goes to one of two kinds of store that want it at the same moment', async () => {
    const rivals = await Promise.allSettled(
      ['letters', 'parcels'].map((kind) => openLmdbFolder(folder, kind, 1)),
    );
    const winners = rivals.filter((rival) => rival.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(rivals.find((rival) => rival.status === 'rejected')?.reason).toMatchObject({ code: 'corrupted' });
    for (const { value } of winners) await value.close();
  });

  it('opens after its creation was interrupted before anything was written to it', async () => {
    await (await open()).close();
    await rm(join(folder, 'format.json'));
    await (await open()).close();
    await rm(join(folder, 'format.json'));
    await truncate(join(folder, 'data.mdb'));
    await (await open()).close();
    expect(await readdir(folder)).toContain('format.json');
  });

  it('grows beyond the map it was opened with, also under another process that has it open', async () => {
    const database = await openLmdbFolder(folder, 'letters', 1, { encoding: 'string', mapSize: 262_144 });
    await database.put('0', 'x');
    const reader = startReader(folder);
    try {
      await once(reader, 'message');
      for (let key = 0; key < 40; key += 1) await database.put(`${key}`, 'x'.repeat(100_000));
      reader.send('read');
      expect(await once(reader, 'message')).toEqual(expect.arrayContaining([4_000_000]));
    } finally {
      reader.kill('SIGKILL');
    }
    await database.close();
  });

  describe('is unavailable, with a text that says what to do', () => {
    it('when it, or a part of its path, is a file', async () => {
      const file = join(parent, 'file');
      await writeFile(file, 'text');
      await expect(open(file)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/Name a folder/),
      });
      await expect(open(join(file, 'below'))).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/not a folder/),
      });
    });

    it.each(['.', 'data.mdb', 'lock.mdb'])('when this user may not write %s in it', async (name) => {
      await (await open()).close();
      await chmod(parent, 0o755);
      await chmod(join(folder, name), name === '.' ? 0o555 : 0o444);
      await asOrdinaryUser(() =>
        expect(open()).rejects.toMatchObject({
          code: 'unavailable',
          message: `${folder} cannot be used: this user may not read and write it (EACCES). Change its owner or permissions.`,
        }),
      );
      await chmod(join(folder, name), 0o755);
      await (await open()).close();
    });
  });
});

/** A process that opens the folder at once and, when asked, says how many characters the letters in it have. */
function startReader(folder: string): ChildProcess {
  const program = `
    import { open } from 'lmdb';
    const database = open({ path: process.argv[1], encoding: 'string', mapSize: 262144, overlappingSync: false });
    process.on('message', () => {
      let length = 0;
      for (const { value } of database.getRange()) length += value.length;
      process.send(length);
    });
    process.send(database.get('0').length);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** Permissions do not bind root. */
async function asOrdinaryUser(act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    await act();
  } finally {
    process.seteuid?.(0);
  }
}
