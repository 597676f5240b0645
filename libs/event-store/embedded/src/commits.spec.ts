import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbFolder } from '@cartage/lmdb-folder';
import type { RootDatabase } from 'lmdb';
import { Commits } from './commits.ts';

describe('writes that are committed together', () => {
  let folder: string;
  let database: RootDatabase;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-store-'));
    database = await openLmdbFolder(folder, 'words', 1, { encoding: 'string' });
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const newCommits = () => new Commits(database, folder, () => database);

  it('run in the order they came, each seeing those before it', async () => {
    const commits = newCommits();
    const add = (letter: string) =>
      commits.submit(1, (words) => {
        const word = (words.get('word') ?? '') + letter;
        words.putSync('word', word);
        return word;
      });
    expect(await Promise.all(['a', 'b', 'c'].map(add))).toEqual(['a', 'ab', 'abc']);
    expect(database.get('word')).toBe('abc');
  });

  it('fail alone when one returns an error', async () => {
    const commits = newCommits();
    const put = (key: string) => commits.submit(1, (words) => words.putSync(key, key));
    const results = await Promise.allSettled([
      put('a'),
      commits.submit(1, () => new Error('not now')),
      put('b'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([database.get('a'), database.get('b')]).toEqual(['a', 'b']);
  });

  it('are all undone when one throws, and the next are not', async () => {
    const commits = newCommits();
    const put = (key: string) => commits.submit(1, (words) => words.putSync(key, key));
    const broken = commits.submit(1, (words) => {
      words.putSync('half', 'done');
      throw new TypeError('a mistake');
    });
    const results = await Promise.allSettled([put('a'), broken, put('b')]);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'a mistake' } });
    expect(['a', 'half', 'b'].map((key) => database.get(key))).toEqual([undefined, undefined, undefined]);
    await put('c');
    expect(database.get('c')).toBe('c');
  });

  it('go in as many transactions as their size asks for', async () => {
    const commits = newCommits();
    const transactions = new Set<number>();
    const write = (bytes: number) =>
      commits.submit(bytes, (words) => {
        transactions.add(words.getWriteTxnId());
        words.putSync('size', `${bytes}`);
      });
    await Promise.all([20_000_000, 10_000_000, 5_000_000, 5_000_000].map(write));
    expect(transactions.size).toBe(3);
  });
});
