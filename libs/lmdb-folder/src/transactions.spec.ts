import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { newestTransaction } from './data-file.ts';
import { openLmdbFolder, Transactions } from './index.ts';

const typescript = new URL('../../../tools/test/typescript.mjs', import.meta.url).href;

describe('when an opening process has told all that an older transaction is the newest', () => {
  let folder: string;
  let database: RootDatabase<string, string>;
  let transactions: Transactions;
  const open = async () =>
    (await openLmdbFolder(folder, 'words', 1, { encoding: 'string' })) as typeof database;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lmdb-folder-'));
    database = await open();
    transactions = new Transactions(database, folder);
    for (const word of ['a', 'b', 'c', 'd']) await write(word);
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const write = (word: string, kind: 'transaction' | 'childTransaction' = 'transaction') =>
    transactions.write(kind, () => database.putSync(word, word));
  const words = (): string[] => {
    database.resetReadTxn();
    return [...database.getKeys()];
  };
  const all = ['a', 'b', 'c', 'd'];

  it('is what loses the newest, unless a transaction looks first', () => {
    tellAll(folder, (newest) => newest - 1n);
    expect(words()).toEqual(['a', 'b', 'c']);
    database.putSync('e', 'e');
    expect(words()).toEqual(['a', 'b', 'c', 'e']);
  });

  describe.each(['transaction', 'childTransaction'] as const)('a %s', (kind) => {
    it.each([1n, 2n, 3n])('is built on the newest, %s later', async (back) => {
      tellAll(folder, (newest) => newest - back);
      const newest = newestIn(folder);
      await Promise.all([write('e', kind), write('f', kind)]);
      await write('g', kind);
      expect(words()).toEqual([...all, 'e', 'f', 'g']);
      expect(newestIn(folder)).toBeGreaterThan(newest);
    });

    it('does its work once, and answers what that returned', async () => {
      tellAll(folder, (newest) => newest - 1n);
      let times = 0;
      expect(await transactions.write(kind, () => (times += 1))).toBe(1);
      expect(times).toBe(1);
    });

    it('that throws is no more than that', async () => {
      tellAll(folder, (newest) => newest - 1n);
      await expect(
        transactions.write(kind, () => {
          throw new RangeError('a mistake');
        }),
      ).rejects.toThrow('a mistake');
      await write('e', kind);
      expect(words()).toEqual([...all, 'e']);
    });
  });

  it('a table that is made hides none', async () => {
    tellAll(folder, (newest) => newest - 1n);
    const table = transactions.openTables(() => database.openDB({ name: 'x', encoding: 'string' }));
    await transactions.write('transaction', () => table.putSync('e', 'e'));
    expect(words()).toEqual([...all, 'x']);
    expect(table.get('e')).toBe('e');
  });

  it('whoever opens the folder tells them better', async () => {
    tellAll(folder, (newest) => newest - 1n);
    const other = await open();
    expect(told(folder)).toBe(newestIn(folder));
    expect(words()).toEqual(all);
    await other.close();
  });

  it('a lock file of an unknown format ends the process, rather than a transaction be lost', async () => {
    const source = new URL('./index.ts', import.meta.url).href;
    const program = `
      const { openLmdbFolder, Transactions } = await import('${source}');
      const { openSync, writeSync } = await import('node:fs');
      const [folder] = process.argv.slice(1);
      const database = await openLmdbFolder(folder, 'words', 1, { encoding: 'string' });
      writeSync(openSync(folder + '/lock.mdb', 'r+'), Buffer.from([1, 2, 3, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), 0, 16, 0);
      await new Transactions(database, folder).write('transaction', () => database.putSync('e', 'e')).catch(() => {});`;
    await database.close();
    const args = [
      '--conditions=@cartage/source',
      '--import',
      typescript,
      '--input-type=module',
      '--eval',
      program,
    ];
    const { status, stderr } = spawnSync(process.execPath, [...args, folder], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('is of an unknown format'),
    });
    database = await open();
    expect(words()).toEqual(all);
  });
});

/** As a process does that opens the environment: in another one, as closing the file would end this one's locks. */
function tellAll(folder: string, change: (newest: bigint) => bigint): void {
  const program = `
    import { openSync, writeSync } from 'node:fs';
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(process.argv[2]));
    writeSync(openSync(process.argv[1], 'r+'), bytes, 0, 8, 8);`;
  const args = [join(folder, 'lock.mdb'), `${change(newestIn(folder))}`];
  execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...args]);
}

function told(folder: string): bigint {
  const program = `
    import { readFileSync } from 'node:fs';
    process.stdout.write(String(readFileSync(process.argv[1]).readBigUInt64LE(8)));`;
  const args = ['--input-type=module', '--eval', program, join(folder, 'lock.mdb')];
  return BigInt(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const newestIn = (folder: string): bigint => newestTransaction(join(folder, 'data.mdb'));
