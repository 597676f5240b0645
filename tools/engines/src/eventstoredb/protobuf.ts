/**
 * The wire format of protocol buffers, for the few messages that every append is made of: the generated classes take longer to
 * read and write one than all else that an append costs. Source: https://protobuf.dev/programming-guides/encoding.
 */

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;
const nothing = Buffer.alloc(0);

/**
 * Calls back with each field of a message in turn: its number, and what it holds — bytes, or a whole number, exact up to 2^53.
 *
 * @throws {RangeError} the bytes are no message
 */
export function readFields(
  message: Buffer,
  take: (field: number, bytes: Buffer, number: number) => void,
): void {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at];
      if (byte === undefined) throw new RangeError('A message ends within a number.');
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = number();
    const [field, type] = [Math.floor(key / 8), key % 8];
    if (type === varint) take(field, nothing, number());
    else {
      const size = sizeIn(type, number);
      if (at + size > message.length) throw new RangeError('A message ends within a field.');
      if (type === lengthDelimited) take(field, message.subarray(at, at + size), 0);
      at += size;
    }
  }
}

function sizeIn(type: number, length: () => number): number {
  if (type === lengthDelimited) return length();
  if (type === fixed64) return 8;
  if (type === fixed32) return 4;
  throw new RangeError(`A message holds a field of the unknown type ${type}.`);
}

/**
 * Writes a message from its last field to its first, so that the length of what is nested is known when it is due. One may be
 * used for one message after another.
 */
export class MessageWriter {
  #buffer = Buffer.allocUnsafeSlow(4_096);
  #at = this.#buffer.length;

  /** What was written since the last time, in bytes of its own. */
  take(): Buffer {
    const message = Buffer.from(this.#buffer.subarray(this.#at));
    this.#at = this.#buffer.length;
    return message;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#at);
    this.#head(field, value.length);
  }

  text(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#room(length);
    this.#buffer.write(value, this.#at);
    this.#head(field, length);
  }

  number(field: number, value: number | bigint): void {
    if (typeof value === 'bigint') this.#bigVarint(value);
    else this.#varint(value);
    this.#varint(field * 8 + varint);
  }

  /** What `write` writes is a message in this one. */
  nested(field: number, write: () => void): void {
    const end = this.#buffer.length - this.#at;
    write();
    this.#head(field, this.#buffer.length - this.#at - end);
  }

  #head(field: number, length: number): void {
    this.#varint(length);
    this.#varint(field * 8 + lengthDelimited);
  }

  #varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest /= 128) size += 1;
    this.#room(size);
    let [at, rest] = [this.#at, value];
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[at++] = (rest % 128) | 128;
    this.#buffer[at] = rest;
  }

  #bigVarint(value: bigint): void {
    const groups = [Number(value & 127n)];
    for (let rest = value >> 7n; rest > 0n; rest >>= 7n) groups.push(Number(rest & 127n));
    this.#room(groups.length);
    for (const [index, group] of groups.entries())
      this.#buffer[this.#at + index] = index < groups.length - 1 ? group | 128 : group;
  }

  /** Moves to where the next bytes begin. */
  #room(size: number): void {
    if (size > this.#at) {
      const used = this.#buffer.length - this.#at;
      const larger = Buffer.allocUnsafeSlow(2 * (used + size) + this.#buffer.length);
      this.#buffer.copy(larger, larger.length - used, this.#at);
      this.#buffer = larger;
      this.#at = larger.length - used;
    }
    this.#at -= size;
  }
}
