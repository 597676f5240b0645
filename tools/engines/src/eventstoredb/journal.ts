import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

const magic = Buffer.from('EventStoreDB protocol facade, log 1\n');
const header = 8; // bytes: length and CRC-32 of what follows
const lengthSize = 4; // bytes
/** A write is on the disk when it ends: cheaper than a write and a sync after it. */
const synced = constants.O_RDWR | constants.O_DSYNC;

/** Keeps commits in a file, each whole or not at all: `length crc (length record)…`. */
export class Journal {
  readonly #file: FileHandle;
  #end: number;
  #frames: Buffer[] = [];
  #waiting: (() => void)[] = [];
  #flushing: Promise<void> | undefined;

  private constructor(file: FileHandle, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /**
   * Opens or creates the file and hands over the records of each commit in it. What a process that was killed left half written
   * at the end was never acknowledged and is cut off.
   *
   * @throws {Error} the file is no such log
   */
  static async open(path: string, take: (records: readonly Uint8Array[]) => void): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+').then(async (created) => {
      await created.close();
      return open(path, synced);
    });
    const bytes = await file.readFile();
    if (!magic.subarray(0, bytes.length).equals(bytes.subarray(0, magic.length))) {
      await file.close();
      throw new Error(`${path} is no log of the EventStoreDB protocol facade; name another file.`);
    }
    const end = Math.max(replay(bytes, take), magic.length);
    await file.write(magic, 0, magic.length, 0);
    await file.truncate(end);
    await file.sync();
    return new Journal(file, end);
  }

  /** Writes a commit; `done` is called once it is on the disk, together with those that were waiting beside it. */
  write(records: readonly Uint8Array[], done: () => void): void {
    this.#frames.push(frameOf(records));
    this.#waiting.push(done);
    this.#flushing ??= this.#flush();
  }

  /** Calls `done` once all that was written before is on the disk. */
  settled(done: () => void): void {
    if (this.#flushing === undefined) done();
    else this.#waiting.push(done);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#file.close();
  }

  // A disk that fails ends the process through the rejection: nothing more is acknowledged.
  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What comes in one turn is written in one go.
      await nextTurn();
      const [frames, waiting] = [this.#frames, this.#waiting];
      [this.#frames, this.#waiting] = [[], []];
      if (frames.length > 0) {
        const bytes = Buffer.concat(frames);
        await this.#file.write(bytes, 0, bytes.length, this.#end);
        this.#end += bytes.length;
      }
      for (const done of waiting) done();
    }
    this.#flushing = undefined;
  }
}

function frameOf(records: readonly Uint8Array[]): Buffer {
  const size = records.reduce((sum, record) => sum + lengthSize + record.length, 0);
  const frame = Buffer.allocUnsafe(header + size);
  let at = header;
  for (const record of records) {
    at = frame.writeUInt32LE(record.length, at);
    frame.set(record, at);
    at += record.length;
  }
  frame.writeUInt32LE(size, 0);
  frame.writeUInt32LE(crc32(frame.subarray(header)), lengthSize);
  return frame;
}

/** Hands over every whole commit and answers where the last one ends. */
function replay(bytes: Buffer, take: (records: readonly Uint8Array[]) => void): number {
  let at = magic.length;
  while (at + header <= bytes.length) {
    const end = at + header + bytes.readUInt32LE(at);
    const payload = bytes.subarray(at + header, end);
    if (end > bytes.length || crc32(payload) !== bytes.readUInt32LE(at + lengthSize)) break;
    take(recordsIn(payload));
    at = end;
  }
  return at;
}

function recordsIn(payload: Buffer): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < payload.length;) {
    const end = at + lengthSize + payload.readUInt32LE(at);
    records.push(Uint8Array.from(payload.subarray(at + lengthSize, end)));
    at = end;
  }
  return records;
}
