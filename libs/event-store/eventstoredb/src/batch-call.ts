import { randomUUID } from 'node:crypto';
import type { Expected } from '@cartage/event-store';
import { convertToCommandError } from '@eventstore/db-client';
import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import { parseUUID } from '@eventstore/db-client/dist/utils/grpcUUID.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { messagesOf } from './append-request.ts';
import type { Proposed } from './event.ts';

export type Written = {
  readonly revision: number;
  /** Undefined when the server leaves it out: the append had already happened. */
  readonly position: bigint | undefined;
};

/** The call on the wire. */
type Wire = {
  on(event: 'data', listener: (response: BatchAppendResp) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  write(message: Buffer): unknown;
};

type Waiting = {
  readonly stream: string;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: Error) => void;
};

const deadline = 10_000; // ms

/**
 * The call that all appends of a client share. The driver has one of its own, which costs four times as much an append, keeps what
 * waits for an answer in one place for all clients, fails it all when one of their calls ends, and lets the second append
 * overtake the first.
 */
export class BatchCall {
  readonly #call: Wire;
  readonly #waiting = new Map<string, Waiting>();
  readonly #onEnd: () => void;
  #isOver = false;

  /** @param onEnd is called before the appends under way fail: what comes after them is another call's */
  constructor(call: Wire, onEnd: () => void) {
    this.#call = call;
    this.#onEnd = onEnd;
    call.on('data', (response) => this.#receive(response));
    // They stay for good: what went wrong may be told more than once.
    call.on('error', (error) => this.#end(convertToCommandError(error)));
    call.on('end', () => this.#end(new Error('The server closed the call.')));
  }

  /**
   * In the order of the calls.
   *
   * @throws what the driver makes of the server's answer; the call's error when it ends before, the outcome being unknown
   */
  append(stream: string, events: readonly Proposed[], expected: Expected): Promise<Written> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) throw new Error('The call is closed.');
      const correlation = randomUUID();
      this.#waiting.set(correlation, { stream, resolve, reject });
      const request = { correlation, stream, events, expected, deadline: Date.now() + deadline };
      // How many are under way is for the callers to bound, who wait for their answers.
      for (const message of messagesOf(request)) this.#call.write(message);
    });
  }

  #receive(response: BatchAppendResp): void {
    const correlation = parseUUID(response.getCorrelationId()) ?? '';
    const waiting = this.#waiting.get(correlation);
    if (!waiting) return;
    this.#waiting.delete(correlation);
    const error = response.getError();
    if (error) return waiting.reject(unpackToCommandError(error, waiting.stream));
    const success = response.getSuccess();
    const position = success?.getPosition()?.getCommitPosition();
    waiting.resolve({
      revision: Number(success?.getCurrentRevision()),
      position: position === undefined ? undefined : BigInt(position),
    });
  }

  #end(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
