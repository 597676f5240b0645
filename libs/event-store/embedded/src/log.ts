import { Corrupted } from '@cartage/event-store';
import type { Database, RootDatabase } from 'lmdb';

const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
const itself = (bytes: Buffer): Buffer => bytes;
/** Hands the bytes out where they were read, and so saves a copy of each: they are the reader's until the next are read. */
const inPlace = { encoder: { encode: itself, decode: itself }, keyEncoding: 'binary' } as const;

/**
 * The tables. Within a write transaction all of this sees its uncommitted state, elsewhere the last committed one as of
 * {@link Log.refresh}. Positions are numbers here: a log holds fewer than 2^53 events.
 */
export class Log {
  readonly #database: RootDatabase;
  /** position → record; of a range, each record holds until the next is read, and its buffer may be longer than its `length`. */
  readonly events: Database<Buffer, Buffer>;
  /** stream, revision → position. A stream's head is its last entry: the two cannot disagree. */
  readonly streams: Database<Buffer, Buffer>;
  /** stream → first revision that `read` shows */
  readonly truncations: Database<Buffer, Buffer>;

  constructor(database: RootDatabase) {
    this.#database = database;
    this.events = database.openDB({ name: 'events', ...inPlace });
    this.streams = database.openDB({ name: 'streams', ...binary });
    this.truncations = database.openDB({ name: 'truncations', ...binary });
  }

  /** Makes commits of other processes visible, which LMDB for JavaScript otherwise may take a turn of the event loop to notice. */
  refresh(): void {
    this.#database.resetReadTxn();
  }

  lastPosition(): number {
    for (const key of this.events.getKeys({ reverse: true, limit: 1 })) return readNumber(key, 0);
    return -1;
  }

  /** −1 when nothing was ever written to the stream. */
  lastRevision(stream: string): number {
    const range = { start: revisionKey(stream, Number.MAX_SAFE_INTEGER), end: revisionKey(stream, 0) };
    for (const key of this.streams.getKeys({ ...range, inclusiveEnd: true, reverse: true, limit: 1 })) {
      return readNumber(key, key.length - 8);
    }
    return -1;
  }

  has(stream: string, revision: number): boolean {
    return this.streams.getBinaryFast(revisionKey(stream, revision)) !== undefined;
  }

  /** Positions of the stream's events from revision `from`, at most `limit`. */
  *positions(stream: string, from: number, limit: number): Generator<number> {
    const range = {
      start: revisionKey(stream, from),
      end: revisionKey(stream, Number.MAX_SAFE_INTEGER),
      limit,
    };
    let revision = from;
    for (const { key, value } of this.streams.getRange(range)) {
      if (readNumber(key, key.length - 8) !== revision) throw missing(stream, revision);
      yield readNumber(value, 0);
      revision += 1;
    }
  }

  truncatedBefore(stream: string): number {
    const mark = this.truncations.getBinary(Buffer.from(stream));
    return mark === undefined ? 0 : readNumber(mark, 0);
  }
}

export const positionKey = (position: number): Buffer => writeNumber(Buffer.allocUnsafe(8), position, 0);

/** Streams sort by name, a stream's entries by revision: names hold no NUL, so none is a prefix of another's entries. */
export function revisionKey(stream: string, revision: number): Buffer {
  const length = Buffer.byteLength(stream);
  const key = Buffer.allocUnsafe(length + 9);
  key.write(stream);
  key[length] = 0;
  return writeNumber(key, revision, length + 1);
}

export const readNumber = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);

export const missing = (stream: string, revision: number): Corrupted =>
  new Corrupted(`Revision ${revision} of stream ${stream} is missing. Restore the folder from a backup.`);

function writeNumber(bytes: Buffer, value: number, at: number): Buffer {
  bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  bytes.writeUInt32BE(value % 0x1_0000_0000, at + 4);
  return bytes;
}
