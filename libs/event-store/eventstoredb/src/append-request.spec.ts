import streams from '@eventstore/db-client/generated/streams_pb.js';
import { messagesOf } from './append-request.ts';
import { toProposed } from './event.ts';

const correlation = '2f1c8b1e-6d0f-4c38-9d6c-0f6f5c9b8a01';
const request = { correlation, stream: 'cart-0421.u~é~main', deadline: 1_764_072_000_000 };
const noted = (data: object) => ({
  id: '7d3a52a4-91c5-4f5e-b1b5-3a0f2f6f1c11',
  type: 'Noted',
  data,
  metadata: { schema: 1 },
});
const read = (message: Uint8Array) => streams.BatchAppendReq.deserializeBinary(Uint8Array.from(message));

it('writes what the driver’s classes read', () => {
  const events = [{ text: 'käse 🧀' }, {}].map((data) => toProposed(noted(data)));
  const messages = messagesOf({ ...request, events, expected: 2 ** 40 }).map(read);
  expect(messages).toHaveLength(1);
  const [message] = messages;
  const options = message?.getOptions();
  expect(message?.getCorrelationId()?.getString()).toBe(correlation);
  expect(message?.getIsFinal()).toBe(true);
  expect(Buffer.from(options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(
    request.stream,
  );
  expect(options?.getStreamPosition()).toBe(String(2 ** 40));
  expect(options?.getDeadline()?.toDate().getTime()).toBe(request.deadline);
  const [first, second] = message?.getProposedMessagesList() ?? [];
  expect(first?.getId()?.getString()).toBe(noted({}).id);
  expect(first?.getMetadataMap().toObject()).toEqual([
    ['content-type', 'application/json'],
    ['type', 'Noted'],
  ]);
  expect(JSON.parse(Buffer.from(first?.getData_asU8() ?? []).toString())).toEqual({ text: 'käse 🧀' });
  expect(JSON.parse(Buffer.from(first?.getCustomMetadata_asU8() ?? []).toString())).toEqual({ schema: 1 });
  expect(Buffer.from(second?.getData_asU8() ?? []).toString()).toBe('{}');
});

it('expects no stream', () => {
  const [message] = messagesOf({ ...request, events: [toProposed(noted({}))], expected: 'none' }).map(read);
  expect(message?.getOptions()?.hasNoStream()).toBe(true);
});

it('divides what would be too long for one message, in order, and says which is the last', () => {
  const events = [1, 2, 3, 4, 5, 6, 7].map((number) =>
    toProposed(noted({ number, text: 'x'.repeat(900_000) })),
  );
  const messages = messagesOf({ ...request, events, expected: 0 }).map(read);
  expect(messages.map((message) => message.getProposedMessagesList().length)).toEqual([3, 3, 1]);
  expect(messages.map((message) => message.getIsFinal())).toEqual([false, false, true]);
  expect(messages.map((message) => message.hasOptions())).toEqual([true, false, false]);
  expect(messages.map((message) => message.getCorrelationId()?.getString())).toEqual(
    messages.map(() => correlation),
  );
});
