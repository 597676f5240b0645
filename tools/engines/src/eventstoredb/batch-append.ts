import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { commitTimeout, proposed, sizeOf } from './append.ts';
import type { Expected } from './append-rules.ts';
import {
  appendTooLargeReason,
  badRequestReason,
  maxAppendSize,
  notReadyReason,
  streamDeletedReason,
  timeoutReason,
  unexpected,
  wrongVersionReason,
} from './failures.ts';
import type { Answer, EventLog } from './log.ts';
import type { Misdeeds } from './misdeeds.ts';
import { empty, shared, streams } from './protocol.ts';
import { identifierOf, nameOf, type Proposed } from './record.ts';

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

type Pending = {
  readonly correlation: string;
  readonly stream: string;
  readonly expected: Expected;
  readonly events: Proposed[];
  /** Answers "timeout" when the append has not come to its end by then: only the server keeps these deadlines. */
  readonly deadline: number;
  timer?: NodeJS.Timeout;
};

/**
 * The shared call: appends of any number of streams, told apart by correlation ids. Each id is answered once: the client
 * crashes on a second answer.
 */
export class BatchAppend {
  readonly #log: EventLog;
  readonly #misdeeds: Misdeeds;
  readonly #call: Call;
  readonly #pending = new Map<string, Pending>();

  constructor(log: EventLog, misdeeds: Misdeeds, call: Call) {
    this.#log = log;
    this.#misdeeds = misdeeds;
    this.#call = call;
    call.on('data', (request: BatchAppendReq) => misdeeds.run(() => this.#receive(request)));
    call.on('end', () => misdeeds.run(() => call.end()));
    call.on('cancelled', () => this.#forget());
  }

  /** Fails the call with all appends in it, committed or not. */
  fail(error: Error = unexpected('Exception was thrown by handler.')): void {
    this.#forget();
    this.#call.emit('error', error);
  }

  #receive(request: BatchAppendReq): void {
    const misled = this.#misdeeds.misleads(this.#call.metadata);
    if (misled !== undefined) return this.fail(misled);
    const correlation = request.getCorrelationId()?.getString() ?? '';
    const pending = this.#begun(correlation, request.getOptions());
    // What comes after an answer was given is ignored.
    if (pending === undefined) return;
    pending.events.push(...request.getProposedMessagesList().map(proposed));
    if (pending.deadline <= Date.now()) return this.#end(pending, failed(timeoutReason()));
    if (sizeOf(pending.events) > maxAppendSize) return this.#end(pending, failed(appendTooLargeReason()));
    if (request.getIsFinal()) return this.#commit(pending);
    pending.timer ??= setTimeout(
      () => this.#end(pending, failed(timeoutReason())),
      pending.deadline - Date.now(),
    );
  }

  #begun(correlation: string, options: BatchAppendReq.Options | undefined): Pending | undefined {
    if (options === undefined) return this.#pending.get(correlation);
    const pending: Pending = {
      correlation,
      stream: nameOf(options.getStreamIdentifier()),
      expected: expectedOf(options),
      events: [],
      deadline: options.getDeadline()?.toDate().getTime() ?? Infinity,
    };
    this.#pending.set(correlation, pending);
    return pending;
  }

  #commit(pending: Pending): void {
    const { stream, events, expected } = pending;
    const bad = events.find(({ id, type }) => !uuid.test(id) || type === '');
    if (!this.#misdeeds.isReady) return this.#end(pending, failed(notReadyReason()));
    if (bad !== undefined)
      return this.#end(pending, failed(badRequestReason('An event has no type or no id.')));
    this.#log.append(stream, events, expected, (answer) => {
      if (answer.kind === 'success' && this.#misdeeds.swallows()) return this.#close(pending);
      this.#misdeeds.run(() => this.#answer(pending, answer));
    });
  }

  #answer(pending: Pending, answer: Answer): void {
    switch (answer.kind) {
      case 'success':
        return this.#end(pending, succeeded(answer.revision, answer.position));
      case 'wrong-version':
        return this.#end(pending, failed(wrongVersionReason(wrongVersion(pending.expected, answer.actual))));
      case 'deleted':
        return this.#end(pending, failed(streamDeletedReason(pending.stream)));
      case 'dropped':
        pending.timer = setTimeout(() => this.#end(pending, failed(timeoutReason())), commitTimeout);
    }
  }

  #end(pending: Pending, fill: (response: BatchAppendResp) => void): void {
    if (!this.#pending.has(pending.correlation)) return;
    this.#close(pending);
    const response = new streams.BatchAppendResp();
    const correlation = new shared.UUID();
    correlation.setString(pending.correlation);
    response.setCorrelationId(correlation);
    response.setStreamIdentifier(identifierOf(pending.stream));
    fill(response);
    this.#call.write(response);
  }

  #close({ correlation, timer }: Pending): void {
    clearTimeout(timer);
    this.#pending.delete(correlation);
  }

  #forget(): void {
    for (const pending of this.#pending.values()) this.#close(pending);
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const failed =
  (status: ReturnType<typeof timeoutReason>) =>
  (response: BatchAppendResp): void =>
    void response.setError(status);

const succeeded =
  (revision: number, position: number | undefined) =>
  (response: BatchAppendResp): void => {
    const success = new streams.BatchAppendResp.Success();
    if (revision < 0) success.setNoStream(new empty.Empty());
    else success.setCurrentRevision(String(revision));
    if (position === undefined) success.setNoPosition(new empty.Empty());
    else {
      const at = new shared.AllStreamPosition();
      at.setCommitPosition(String(position));
      at.setPreparePosition(String(position));
      success.setPosition(at);
    }
    response.setSuccess(success);
  };

function wrongVersion(expected: Expected, actual: number): InstanceType<typeof shared.WrongExpectedVersion> {
  const wrong = new shared.WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new empty.Empty());
  else wrong.setCurrentStreamRevision(String(actual));
  if (expected === 'any') wrong.setExpectedAny(new empty.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new empty.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new empty.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return wrong;
}

function expectedOf(options: BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}
