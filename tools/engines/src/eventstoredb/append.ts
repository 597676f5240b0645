import type { sendUnaryData, ServerReadableStream, ServerUnaryCall } from '@grpc/grpc-js';
import type {
  AppendReq,
  AppendResp,
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from './append-rules.ts';
import { appendTooLarge, invalid, maxAppendSize, streamDeleted, timedOut, wrongVersion } from './failures.ts';
import type { Answer, EventLog } from './log.ts';
import type { Misdeeds } from './misdeeds.ts';
import { shared, streams } from './protocol.ts';
import { nameOf, type Proposed } from './record.ts';

/** ms after which the server gives up on an append that it could not commit. */
export const commitTimeout = 2_000;

/** The plain call, one append each: the client takes it when a call brings credentials of its own. */
export function append(
  log: EventLog,
  misdeeds: Misdeeds,
  call: ServerReadableStream<AppendReq, AppendResp>,
  reply: sendUnaryData<AppendResp>,
): void {
  let options: AppendReq.Options | undefined;
  const events: Proposed[] = [];
  call.on('data', (request: AppendReq) => {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message !== undefined) events.push(proposed(message));
  });
  call.on('end', () => misdeeds.run(commit));

  function commit(): void {
    const refusal = misdeeds.refusal(call.metadata);
    if (call.cancelled) return;
    if (refusal !== undefined) return reply(refusal);
    if (options === undefined) return reply(invalid('The first message holds no options.'));
    if (sizeOf(events) > maxAppendSize) return reply(appendTooLarge());
    const stream = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(options);
    log.append(stream, events, expected, (answer) => {
      if (answer.kind === 'success' && misdeeds.swallows()) return;
      misdeeds.run(() => respond(answer, stream, expected, reply));
    });
  }
}

function respond(answer: Answer, stream: string, expected: Expected, reply: sendUnaryData<AppendResp>): void {
  switch (answer.kind) {
    case 'success':
      return reply(null, success(answer.revision, answer.position));
    case 'wrong-version':
      return reply(null, wrongExpectedVersion(expected, answer.actual));
    case 'deleted':
      return reply(streamDeleted(stream));
    case 'dropped':
      setTimeout(() => reply(timedOut('Commit')), commitTimeout);
  }
}

function success(revision: number, position: number | undefined): AppendResp {
  const response = new streams.AppendResp();
  const success = new streams.AppendResp.Success();
  if (revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) success.setNoPosition(new shared.Empty());
  else success.setPosition(at(new streams.AppendResp.Position(), position));
  response.setSuccess(success);
  return response;
}

function wrongExpectedVersion(expected: Expected, actual: number): AppendResp {
  const response = new streams.AppendResp();
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(actual));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  response.setWrongExpectedVersion(wrong);
  return response;
}

export function softDelete(
  log: EventLog,
  misdeeds: Misdeeds,
  call: ServerUnaryCall<DeleteReq, DeleteResp>,
  reply: sendUnaryData<DeleteResp>,
): void {
  const options = call.request.getOptions();
  finish(misdeeds, call, options, reply, log.delete.bind(log), (position) => {
    const response = new streams.DeleteResp();
    response.setPosition(at(new streams.DeleteResp.Position(), position));
    return response;
  });
}

export function tombstone(
  log: EventLog,
  misdeeds: Misdeeds,
  call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
  reply: sendUnaryData<TombstoneResp>,
): void {
  const options = call.request.getOptions();
  finish(misdeeds, call, options, reply, log.tombstone.bind(log), (position) => {
    const response = new streams.TombstoneResp();
    response.setPosition(at(new streams.TombstoneResp.Position(), position));
    return response;
  });
}

function finish<Response>(
  misdeeds: Misdeeds,
  { metadata }: { readonly metadata: ServerUnaryCall<unknown, unknown>['metadata'] },
  options: DeleteReq.Options | TombstoneReq.Options | undefined,
  reply: sendUnaryData<Response>,
  act: EventLog['delete'],
  responseAt: (position: number) => Response,
): void {
  misdeeds.run(() => {
    const refusal = misdeeds.refusal(metadata);
    if (refusal !== undefined) return reply(refusal);
    if (options === undefined) return reply(invalid('The request holds no options.'));
    const stream = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(options);
    act(stream, expected, (answer) =>
      misdeeds.run(() => {
        if (answer.kind === 'success') return reply(null, responseAt(answer.position ?? 0));
        if (answer.kind === 'wrong-version')
          return reply(wrongVersion(stream, numberOf(expected), answer.actual));
        reply(streamDeleted(stream));
      }),
    );
  });
}

/** The numbers that EventStoreDB has for expectations that are no revision. */
const numberOf = (expected: Expected): number =>
  typeof expected === 'number' ? expected : { no_stream: -1, any: -2, stream_exists: -4 }[expected];

function at<P extends { setCommitPosition(to: string): unknown; setPreparePosition(to: string): unknown }>(
  to: P,
  position: number,
): P {
  to.setCommitPosition(String(position));
  to.setPreparePosition(String(position));
  return to;
}

type Expectation = {
  hasRevision(): boolean;
  getRevision(): string;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
};

function expectedOf(options: Expectation): Expected {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

type ProposedMessage = {
  getId(): InstanceType<typeof shared.UUID> | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
};

export const proposed = (message: ProposedMessage): Proposed => ({
  id: message.getId()?.getString().toLowerCase() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

/** Only data counts towards the limit: measured. */
export const sizeOf = (events: readonly Proposed[]): number =>
  events.reduce((sum, { data }) => sum + data.length, 0);
