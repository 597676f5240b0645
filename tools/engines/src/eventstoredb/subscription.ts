import { randomUUID } from 'node:crypto';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { invalid, streamDeleted, tooSlow } from './failures.ts';
import { filterOf } from './filter.ts';
import type { EventLog } from './log.ts';
import type { Misdeeds } from './misdeeds.ts';
import { streams } from './protocol.ts';
import { invalidPosition, type ReadCall } from './read.ts';
import { type LogRecord, nameOf } from './record.ts';

/**
 * Events that may wait for a live consumer. What the connection holds beside them makes about 290 of 200 bytes, which is when
 * the real server was seen to drop one.
 */
const liveBuffer = 110;

/** Records looked at without letting others have their turn. */
const stretch = 4_096;

type Source = {
  /** The index of the first record to look at. */
  readonly from: number;
  readonly matches: (record: LogRecord) => boolean;
  /** Whether there is anything to have caught up with. */
  readonly exists: () => boolean;
  /** A checkpoint is sent after every so many records looked at. */
  readonly checkpointEvery: number;
};

/** Follows $all or a stream: catches up at the consumer's pace, then sends what happens, and drops a consumer that lags. */
export class Subscription {
  readonly #log: EventLog;
  readonly #misdeeds: Misdeeds;
  readonly #call: ReadCall;
  readonly #source: Source;
  #next: number;
  #examined = 0;
  #isLive = false;
  #hasCaughtUp = false;
  #hasEnded = false;
  readonly #stopListening: () => void;

  constructor(log: EventLog, misdeeds: Misdeeds, call: ReadCall, source: Source) {
    this.#log = log;
    this.#misdeeds = misdeeds;
    this.#call = call;
    this.#source = source;
    this.#next = source.from;
    this.#stopListening = log.onGrowth(() => this.#isLive && misdeeds.run(() => this.#sendLive()));
    call.on('cancelled', () => this.#end());
    this.#send((response) => {
      const confirmation = new streams.ReadResp.SubscriptionConfirmation();
      confirmation.setSubscriptionId(randomUUID());
      response.setConfirmation(confirmation);
    });
    this.#catchUp();
  }

  get isLive(): boolean {
    return this.#isLive && !this.#hasEnded;
  }

  onEnd(listener: () => void): void {
    this.#call.on('close', listener);
    this.#call.on('cancelled', listener);
  }

  /** Ends it as too slow, once what waits for the consumer was delivered. */
  drop(): void {
    this.#end();
    this.#misdeeds.run(() => this.#call.emit('error', tooSlow()));
  }

  #end(): void {
    this.#hasEnded = true;
    this.#stopListening();
  }

  #catchUp(): void {
    this.#misdeeds.run(() => {
      for (let looked = 0; !this.#hasEnded; looked += 1) {
        const record = this.#log.at(this.#next);
        if (record === undefined) return this.#goLive();
        if (looked === stretch) return void setImmediate(() => this.#catchUp());
        if (!this.#pass(record)) return void this.#call.once('drain', () => this.#catchUp());
      }
    });
  }

  #goLive(): void {
    this.#isLive = true;
    this.#tellCaughtUp();
  }

  /** Once, and of a stream that is not there not before its first event. */
  #tellCaughtUp(): void {
    if (this.#hasCaughtUp || !this.#source.exists()) return;
    this.#hasCaughtUp = true;
    this.#send((response) => response.setCaughtUp(new streams.ReadResp.CaughtUp()));
  }

  #sendLive(): void {
    while (!this.#hasEnded) {
      const record = this.#log.at(this.#next);
      if (record === undefined) return;
      if (this.#call.writableLength >= liveBuffer) return this.drop();
      this.#pass(record);
      this.#tellCaughtUp();
    }
  }

  /** Whether the consumer can take more. */
  #pass(record: LogRecord): boolean {
    this.#next += 1;
    this.#examined += 1;
    let takesMore = true;
    if (this.#source.matches(record)) takesMore = this.#call.write(record.wire);
    if (this.#examined % this.#source.checkpointEvery === 0) takesMore = this.#checkpoint(record);
    return takesMore;
  }

  #checkpoint({ position }: LogRecord): boolean {
    return this.#send((response) => {
      const checkpoint = new streams.ReadResp.Checkpoint();
      checkpoint.setCommitPosition(String(position));
      checkpoint.setPreparePosition(String(position));
      response.setCheckpoint(checkpoint);
    });
  }

  #send(fill: (response: ReadResp) => void): boolean {
    const response = new streams.ReadResp();
    fill(response);
    return this.#call.write(response.serializeBinary());
  }
}

/** What a subscription request asks for. @throws {ServiceError} it asks for nothing that can be followed */
export function sourceOf(log: EventLog, options: ReadReq.Options): Source {
  const all = options.getAll();
  if (all !== undefined) return allFrom(log, all, options.getFilter());
  const stream = options.getStream();
  if (stream === undefined) throw invalid('The request names neither a stream nor $all.');
  const name = nameOf(stream.getStreamIdentifier());
  if (log.stream(name)?.isTombstoned) throw streamDeleted(name);
  const after = stream.hasRevision() ? Number(stream.getRevision()) : -1;
  return {
    from: stream.hasEnd() ? log.length : 0,
    matches: (record) => record.stream === name && record.revision > after,
    exists: () => log.stream(name) !== undefined,
    checkpointEvery: Infinity,
  };
}

/** A position given is exclusive; one past the end waits in silence until the log has grown beyond it. */
function allFrom(
  log: EventLog,
  all: ReadReq.Options.AllOptions,
  options: ReadReq.Options.FilterOptions | undefined,
): Source {
  const filter = filterOf(options);
  const exists = () => true;
  if (all.hasStart()) return { ...filter, exists, from: 0 };
  if (all.hasEnd()) return { ...filter, exists, from: log.length };
  const position = Number(all.getPosition()?.getCommitPosition() ?? 0);
  const from = log.indexAt(position);
  if ((log.at(from)?.position ?? position) !== position) throw invalidPosition();
  const matches = (record: LogRecord) => record.position > position && filter.matches(record);
  return { ...filter, matches, exists, from };
}
