import { crc32 } from 'node:zlib';
import { Corrupted } from '@cartage/lmdb-folder';

/** Bytes that {@link seal} takes at the front. */
export const sealSize = 4;

/** Writes the CRC-32 of all that follows into the first four bytes: LMDB notices a damaged page only by chance. */
export function seal(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(sealSize)));
  return bytes;
}

export const isSound = (bytes: Buffer): boolean =>
  bytes.length >= sealSize && bytes.readUInt32LE() === crc32(bytes.subarray(sealSize));

export const sealText = (text: string): Buffer => seal(Buffer.from('\0'.repeat(sealSize) + text));

/** @throws {Corrupted} these are not the bytes that were stored; `what` names them */
export function unsealText(bytes: Buffer, what: string): string {
  if (!isSound(bytes)) throw damaged(what);
  return bytes.toString('utf8', sealSize);
}

export const damaged = (what: string): Corrupted =>
  new Corrupted(`The stored ${what} is damaged. Rebuild this read store from the log.`);
