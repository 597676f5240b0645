import { convertGrpcEvent } from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { logMessageIn } from './log-message.ts';

const uuid = '7d3a52a4-91c5-4f5e-b1b5-3a0f2f6f1c11';

type Flaw = { readonly contentType?: string; readonly data?: string; readonly id?: 'structured' };

/** An event as the server would send it. */
function sent({ contentType = 'application/json', data = '{"text":"käse 🧀"}', id }: Flaw = {}) {
  const { ReadEvent } = streams.ReadResp;
  const record = new ReadEvent.RecordedEvent();
  const name = new shared.UUID();
  if (id === undefined) name.setString(uuid);
  else {
    const bits = new shared.UUID.Structured();
    bits.setMostSignificantBits(
      String(BigInt.asIntN(64, BigInt(`0x${uuid.replaceAll('-', '').slice(0, 16)}`))),
    );
    bits.setLeastSignificantBits(
      String(BigInt.asIntN(64, BigInt(`0x${uuid.replaceAll('-', '').slice(16)}`))),
    );
    name.setStructured(bits);
  }
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Uint8Array.from(Buffer.from('cart-0421.u~é~main')));
  record.setId(name).setStreamIdentifier(stream).setStreamRevision('300');
  record.setCommitPosition(String(2 ** 40)).setPreparePosition(String(2 ** 40));
  record
    .getMetadataMap()
    .set('type', 'Noted')
    .set('content-type', contentType)
    .set('created', '17640720001239999');
  record.setData(Uint8Array.from(Buffer.from(data)));
  record.setCustomMetadata(Uint8Array.from(Buffer.from('{"schema":1}')));
  const event = new ReadEvent();
  event.setEvent(record).setCommitPosition(String(2 ** 40));
  const response = new streams.ReadResp();
  response.setEvent(event);
  return response;
}

const read = (response: { serializeBinary(): Uint8Array }) =>
  logMessageIn(Buffer.from(response.serializeBinary()));

it.each<readonly [string, Flaw]>([
  ['JSON', {}],
  ['bytes', { contentType: 'application/octet-stream' }],
  ['what should be JSON', { data: '{"text":' }],
  ['an id in two halves', { id: 'structured' }],
])('reads an event of %s as the driver does', (_, flaw) => {
  const response = sent(flaw);
  const { event } = convertGrpcEvent(response.getEvent() ?? new streams.ReadResp.ReadEvent());
  expect(read(response)).toEqual({
    kind: 'event',
    event: {
      id: uuid,
      type: event?.type,
      data: event?.data,
      metadata: event?.metadata,
      stream: event?.streamId,
      revision: 300,
      position: event?.position?.commit,
      recordedAt: event?.created.getTime(),
    },
  });
});

it('reads what the server says between the events', () => {
  const [reached, caughtUp, fellBehind] = [1, 2, 3].map(() => new streams.ReadResp());
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(2 ** 40)).setPreparePosition('7');
  reached?.setCheckpoint(checkpoint);
  caughtUp?.setCaughtUp(new streams.ReadResp.CaughtUp());
  fellBehind?.setFellBehind(new streams.ReadResp.FellBehind());
  const all = [reached, caughtUp, fellBehind, new streams.ReadResp()];
  expect(all.map((response) => response && read(response))).toEqual([
    { kind: 'checkpoint', position: 2n ** 40n },
    { kind: 'caughtUp' },
    { kind: 'fellBehind' },
    { kind: 'other' },
  ]);
});

it('refuses what is cut off', () => {
  const bytes = Buffer.from(sent().serializeBinary());
  expect(() => logMessageIn(bytes.subarray(0, -1))).toThrow(RangeError);
});
