import { crc32 } from 'node:zlib';
import { Corrupted, EventTooLarge, limits, type NewEvent, type Recorded } from '@cartage/event-store';

/*
 * A stored event, numbers big endian:
 *    0  CRC-32 of everything after it
 *    4  position   double
 *   12  revision   double
 *   20  recordedAt double, ms since the epoch
 *   28  length of the stream's name in bytes, 16 bit
 *   30  the stream's name, UTF-8
 *    …  JSON, UTF-8: [id, type, data, metadata]
 */
const nameAt = 30;

/** An event on its way into the log: complete but for its place, which `seal` fills in. */
export type Draft = { readonly id: string; readonly bytes: Buffer };

/** @throws {EventTooLarge} `data` or `metadata` is over the limit */
export function draft(stream: string, { id, type, data, metadata }: NewEvent): Draft {
  const text = `[${JSON.stringify(id)},${JSON.stringify(type)},${encode(type, data)},${encode(type, metadata)}]`;
  const nameLength = Buffer.byteLength(stream);
  const bytes = Buffer.allocUnsafe(nameAt + nameLength + Buffer.byteLength(text));
  bytes.writeUInt16BE(nameLength, 28);
  bytes.write(stream, nameAt);
  bytes.write(text, nameAt + nameLength);
  return { id, bytes };
}

export function seal({ bytes }: Draft, position: number, revision: number, recordedAt: number): Buffer {
  bytes.writeDoubleBE(position, 4);
  bytes.writeDoubleBE(revision, 12);
  bytes.writeDoubleBE(recordedAt, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** @throws {Corrupted} the bytes are not what was written at this position */
export function verify(bytes: Buffer, position: number): void {
  if (
    bytes.length > nameAt &&
    bytes.readUInt32BE(0) === crc32(bytes.subarray(4, bytes.length)) &&
    bytes.readDoubleBE(4) === position
  ) {
    return;
  }
  throw new Corrupted(
    `The event at position ${position}${nameIn(bytes)} is damaged: its checksum does not match. Restore the folder from a backup.`,
  );
}

/** The event in bytes that passed {@link verify}. */
export function decode(bytes: Buffer): Recorded {
  const textAt = nameAt + bytes.readUInt16BE(28);
  const [id, type, data, metadata] = JSON.parse(bytes.toString('utf8', textAt, bytes.length)) as [
    string,
    string,
    unknown,
    unknown,
  ];
  return {
    id,
    type,
    data,
    metadata,
    stream: bytes.toString('utf8', nameAt, textAt),
    revision: bytes.readDoubleBE(12),
    position: BigInt(bytes.readDoubleBE(4)),
    recordedAt: bytes.readDoubleBE(20),
  };
}

export function isIn(bytes: Buffer, prefixes: readonly Buffer[]): boolean {
  const end = nameAt + bytes.readUInt16BE(28);
  return prefixes.some(
    (prefix) => nameAt + prefix.length <= end && prefix.compare(bytes, nameAt, nameAt + prefix.length) === 0,
  );
}

function encode(type: string, part: object): string {
  const json: string | undefined = JSON.stringify(part);
  if (json === undefined) throw new RangeError(`A ${type} cannot be stored: it is not JSON.`);
  const longest = 3; // bytes of UTF-8 per UTF-16 unit
  const bytes = json.length * longest > limits.eventBytes ? Buffer.byteLength(json) : 0;
  if (bytes > limits.eventBytes) {
    throw new EventTooLarge(
      `A ${type} of ${bytes} bytes is over the limit of ${limits.eventBytes}; nothing was written.`,
    );
  }
  return json;
}

function nameIn(bytes: Buffer): string {
  const length = bytes.length > nameAt ? bytes.readUInt16BE(28) : 0;
  return length > 0 && nameAt + length < bytes.length
    ? ` (stream ${bytes.toString('utf8', nameAt, nameAt + length)})`
    : '';
}
