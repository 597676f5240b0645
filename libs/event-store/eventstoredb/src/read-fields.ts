const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

/**
 * Calls back with each field of the message from `start` to `end`, in protocol buffers' wire format: with its number, and with its
 * value where that is a whole number (exact up to 2^53), else with where its bytes begin and end. Source:
 * https://protobuf.dev/programming-guides/encoding.
 *
 * @throws {RangeError} the bytes are no message
 */
export function readFields(
  bytes: Buffer,
  start: number,
  end: number,
  take: (field: number, value: number, valueEnd: number) => void,
): void {
  let at = start;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at];
      if (byte === undefined || at >= end) throw new RangeError('A message ends within a number.');
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < end) {
    const key = number();
    const [field, type] = [Math.floor(key / 8), key % 8];
    if (type === varint) take(field, number(), at);
    else {
      const size = sizeIn(type, number);
      const from = at;
      at += size;
      if (at > end) throw new RangeError('A message ends within a field.');
      if (type === lengthDelimited) take(field, from, at);
    }
  }
}

function sizeIn(type: number, length: () => number): number {
  if (type === lengthDelimited) return length();
  if (type === fixed64) return 8;
  if (type === fixed32) return 4;
  throw new RangeError(`A message holds a field of the unknown type ${type}.`);
}
