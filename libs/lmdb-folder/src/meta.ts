import { readSync } from 'node:fs';
import { Corrupted } from './errors.ts';

/** A snapshot as one of the two meta pages describes it (LMDB data format 2, 64 bit, little endian). */
export type Meta = {
  readonly pageSize: number;
  readonly transaction: bigint;
  readonly lastPage: number;
  /** Root pages of the free list and of the main tree; undefined when empty. */
  readonly roots: readonly (number | undefined)[];
};

const headerSize = 24;
const magic = 0xbeefc0de;
const dataFormat = 2;
const metaPageFlag = 0x08;
const noPage = 0xffff_ffff_ffff_ffffn;

/**
 * The newer of the two snapshots that a data file holds; undefined when the file is empty.
 *
 * @throws {Corrupted} it is not an LMDB file of this format, or one of its two headers is damaged
 */
export function newestMeta(file: number, path: string): Meta | undefined {
  const first = readUpTo(file, 0, 4096);
  if (first.length === 0) return undefined;
  const a = parseMeta(first, path);
  const b = parseMeta(readUpTo(file, a.pageSize, 4096), path);
  if (a.pageSize !== b.pageSize) throw damaged(path, 'its two headers contradict each other');
  return a.transaction >= b.transaction ? a : b;
}

export const damaged = (path: string, how: string): Corrupted =>
  new Corrupted(`${path} is damaged: ${how}. Restore the folder from a backup.`);

/** `length` bytes from `offset`; fewer where the file ends. */
export function readUpTo(file: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, offset));
}

function parseMeta(page: Buffer, path: string): Meta {
  if (page.length < headerSize + 144) throw damaged(path, 'it ends within its header');
  const meta = page.subarray(headerSize);
  if ((page.readUInt16LE(18) & metaPageFlag) === 0 || meta.readUInt32LE(0) !== magic) {
    throw damaged(path, 'its header is not that of an LMDB file');
  }
  const format = meta.readUInt32LE(4) & 0xffff;
  if (format !== dataFormat) throw damaged(path, `it is in LMDB format ${format}, not ${dataFormat}`);
  const pageSize = meta.readUInt32LE(24);
  const lastPage = Number(meta.readBigUInt64LE(120));
  const roots = [meta.readBigUInt64LE(64), meta.readBigUInt64LE(112)].map((root) =>
    root === noPage ? undefined : Number(root),
  );
  const sound =
    [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536].includes(pageSize) &&
    lastPage >= 1 &&
    Number.isSafeInteger(lastPage * pageSize) &&
    roots.every((root) => root === undefined || (root > 1 && root <= lastPage));
  if (!sound) throw damaged(path, 'its header makes no sense');
  return { pageSize, transaction: meta.readBigUInt64LE(128), lastPage, roots };
}
