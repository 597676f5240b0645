import { shared, streams } from './protocol.ts';
import { MessageWriter, readFields } from './protobuf.ts';

const numbers = [0, 1, 127, 128, 300, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1];

it.each(numbers)('writes and reads %d as the generated classes do', (number) => {
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(String(number));
  const writer = new MessageWriter();
  if (number > 0) writer.number(1, number);
  const message = writer.take();
  expect(message).toEqual(Buffer.from(position.serializeBinary()));
  const read: unknown[] = [];
  readFields(message, (field, _, value) => read.push([field, value]));
  expect(read).toEqual(number > 0 ? [[1, number]] : []);
});

it('writes the greatest number there is', () => {
  const position = new shared.AllStreamPosition();
  position.setCommitPosition('9223372036854775807');
  const writer = new MessageWriter();
  writer.number(1, 9223372036854775807n);
  expect(writer.take()).toEqual(Buffer.from(position.serializeBinary()));
});

it('writes what is nested, longer than its buffer, one message after another', () => {
  const text = 'ä'.repeat(10_000);
  const message = new streams.ReadResp();
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(text);
  message.setConfirmation(confirmation);
  const expected = Buffer.from(message.serializeBinary());
  const writer = new MessageWriter();
  const write = (): Buffer => {
    writer.nested(2, () => writer.text(1, text));
    return writer.take();
  };
  expect(write()).toEqual(expected);
  expect(write()).toEqual(expected);
});

it('passes over fields of fixed size', () => {
  const read: number[] = [];
  readFields(Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 5]), (field) =>
    read.push(field),
  );
  expect(read).toEqual([3]);
});

it.each([
  ['within a number', [0x08, 0x80]],
  ['within a field', [0x0a, 5, 1]],
  ['with a type that is none', [0x0f]],
])('refuses a message that ends %s', (_, bytes) => {
  expect(() => readFields(Buffer.from(bytes), () => undefined)).toThrow(RangeError);
});
