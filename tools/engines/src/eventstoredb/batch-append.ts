import type { ServerDuplexStream } from '@grpc/grpc-js';
import { commitTimeout, sizeOf } from './append.ts';
import type { Expected } from './append-rules.ts';
import { type BatchOptions, type BatchRequest, failure, success } from './batch-messages.ts';
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
import { empty, shared } from './protocol.ts';
import type { Proposed } from './record.ts';

type Call = ServerDuplexStream<BatchRequest, Buffer>;

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
    call.on('data', (request: BatchRequest) => misdeeds.run(() => this.#receive(request)));
    call.on('end', () => misdeeds.run(() => call.end()));
    call.on('cancelled', () => this.#forget());
  }

  /** Fails the call with all appends in it, committed or not. */
  fail(error: Error = unexpected('Exception was thrown by handler.')): void {
    this.#forget();
    this.#call.emit('error', error);
  }

  #receive({ correlation, options, events, isFinal }: BatchRequest): void {
    const misled = this.#misdeeds.misleads(this.#call.metadata);
    if (misled !== undefined) return this.fail(misled);
    const pending =
      options === undefined ? this.#pending.get(correlation) : this.#begin(correlation, options);
    // What comes after an answer was given is ignored.
    if (pending === undefined) return;
    pending.events.push(...events);
    if (pending.deadline <= Date.now()) return this.#fail(pending, timeoutReason());
    if (sizeOf(pending.events) > maxAppendSize) return this.#fail(pending, appendTooLargeReason());
    if (isFinal) return this.#commit(pending);
    pending.timer ??= setTimeout(() => this.#fail(pending, timeoutReason()), pending.deadline - Date.now());
  }

  #begin(correlation: string, { stream, expected, deadline }: BatchOptions): Pending {
    const pending: Pending = { correlation, stream, expected, events: [], deadline };
    this.#pending.set(correlation, pending);
    return pending;
  }

  #commit(pending: Pending): void {
    const { stream, events, expected } = pending;
    const bad = events.find(({ id, type }) => !uuid.test(id) || type === '');
    if (!this.#misdeeds.isReady) return this.#fail(pending, notReadyReason());
    if (bad !== undefined) return this.#fail(pending, badRequestReason('An event has no type or no id.'));
    this.#log.append(stream, events, expected, (answer) => {
      if (answer.kind === 'success' && this.#misdeeds.swallows()) return this.#close(pending);
      this.#misdeeds.run(() => this.#answer(pending, answer));
    });
  }

  #answer(pending: Pending, answer: Answer): void {
    switch (answer.kind) {
      case 'success':
        return this.#end(pending, success(pending, answer.revision, answer.position));
      case 'wrong-version':
        return this.#fail(pending, wrongVersionReason(wrongVersion(pending.expected, answer.actual)));
      case 'deleted':
        return this.#fail(pending, streamDeletedReason(pending.stream));
      case 'dropped':
        pending.timer = setTimeout(() => this.#fail(pending, timeoutReason()), commitTimeout);
    }
  }

  #fail(pending: Pending, reason: ReturnType<typeof timeoutReason>): void {
    this.#end(pending, failure(pending, reason));
  }

  #end(pending: Pending, answer: Buffer): void {
    if (!this.#pending.has(pending.correlation)) return;
    this.#close(pending);
    this.#call.write(answer);
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
