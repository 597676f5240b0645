import { randomFillSync } from 'node:crypto';
import { mkdtemp, open as openFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { openLmdbFolder } from './index.ts';

const pageSize = 4096;

describe('a folder that holds letters', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lmdb-folder-'));
    path = join(folder, 'data.mdb');
    await writeLetters(await open());
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () => openLmdbFolder(folder, 'letters', 1, { encoding: 'string' });

  const expectRefusal = async (says: RegExp): Promise<void> => {
    const before = await readFile(path, 'latin1').catch(() => 'none');
    await expect(open()).rejects.toMatchObject({ code: 'corrupted', message: expect.stringMatching(says) });
    expect(await readFile(path, 'latin1').catch(() => 'none')).toBe(before);
  };

  const outcome = async (refusal: string): Promise<string> => {
    try {
      const database = await open();
      const letters = [...database.getKeys()].length;
      await database.close();
      return letters === 501 ? 'complete' : `${letters} letters`;
    } catch (error) {
      expect(error).toMatchObject({ code: 'corrupted', message: expect.stringContaining(refusal) });
      return 'refused';
    }
  };

  describe('is refused, unchanged, with a text that says what to do', () => {
    it('when another kind of store asks for it', async () => {
      await expect(openLmdbFolder(folder, 'parcels', 1)).rejects.toMatchObject({
        code: 'corrupted',
        message: `${folder} holds data of kind "letters", not "parcels". Configure a folder of its own for each store.`,
      });
    });

    it('when another version of the format wrote it', async () => {
      await expect(openLmdbFolder(folder, 'letters', 2)).rejects.toMatchObject({
        code: 'corrupted',
        message: expect.stringMatching(
          /in format 1 .* reads and writes format 2\. Run the version that wrote it/,
        ),
      });
    });

    it.each(['', '{', 'null', '{"kind":"letters"}', '{"kind":7,"version":1}'])(
      'when its manifest is %p',
      async (text) => {
        await writeFile(join(folder, 'format.json'), text);
        await expectRefusal(/format\.json is damaged.*backup/);
      },
    );

    it('when its manifest is missing', async () => {
      await rm(join(folder, 'format.json'));
      await expectRefusal(/format\.json is damaged: it is missing.*backup/);
    });

    it('when its data file is missing', async () => {
      await rm(path);
      await expectRefusal(/data\.mdb is damaged: it is missing or empty.*backup/);
    });

    it.each([0, 1, 100, pageSize, pageSize + 100, 2 * pageSize, 5 * pageSize, 20 * pageSize])(
      'when its data file was cut off after %d bytes',
      async (bytes) => {
        await truncate(path, bytes);
        await expectRefusal(/data\.mdb is damaged: it (is missing or empty|ends).*backup/);
      },
    );

    it.each([0, 1])('when header %d is garbage', async (header) => {
      await overwrite(path, header * pageSize, randomFillSync(Buffer.alloc(pageSize)));
      await expectRefusal(/data\.mdb is damaged: its header.*backup/);
    });

    it('when it is not an LMDB file at all', async () => {
      await writeFile(path, 'A letter. '.repeat(5000));
      await expectRefusal(/data\.mdb is damaged: its header is not that of an LMDB file/);
    });

    it('when its data file is in the format of an older LMDB', async () => {
      await overwrite(path, 28, Buffer.from([1, 0, 0, 0]));
      await expectRefusal(/it is in LMDB format 1, not 2/);
    });
  });

  it('is refused or complete, whichever page is garbage', async () => {
    const original = await readFile(path);
    const outcomes = new Set<string>();
    for (let at = 2 * pageSize; at < original.length; at += pageSize) {
      await writeFile(path, original);
      await overwrite(path, at, randomFillSync(Buffer.alloc(pageSize)));
      outcomes.add(await outcome(`page ${at / pageSize} makes no sense`));
    }
    expect(outcomes).toEqual(new Set(['refused', 'complete']));
  });

  it('is refused or complete, wherever it was cut off', async () => {
    const original = await readFile(path);
    const outcomes = new Set<string>();
    for (let length = original.length; length > 2 * pageSize; length -= pageSize) {
      await writeFile(path, original.subarray(0, length));
      outcomes.add(await outcome('it ends before page'));
    }
    expect(outcomes).toEqual(new Set(['refused', 'complete']));
  });

  it('opens when pages are missing at its end that were never used', async () => {
    const original = await readFile(path);
    for (const header of [0, pageSize]) {
      const lastPage = original.subarray(header + 24 + 120, header + 24 + 128);
      lastPage.writeBigUInt64LE(lastPage.readBigUInt64LE() + 3n);
    }
    await writeFile(path, original);
    const database = await open();
    expect(database.get('499')).toBe('letter 499'.repeat(5));
    await database.close();
  });
});

async function writeLetters(database: RootDatabase): Promise<void> {
  for (let batch = 0; batch < 4; batch += 1) {
    await database.transaction(() => {
      for (let key = batch; key < 500; key += 4) database.putSync(`${key}`, `letter ${key}`.repeat(5));
    });
  }
  await database.put('long', 'a long letter'.repeat(500));
  await database.close();
}

async function overwrite(path: string, at: number, bytes: Buffer): Promise<void> {
  const file = await openFile(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}
