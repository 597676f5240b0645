import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { invalid, streamDeleted, unexpected } from './failures.ts';
import type { EventLog } from './log.ts';
import type { Misdeeds } from './misdeeds.ts';
import { streams } from './protocol.ts';
import { identifierOf, type LogRecord, nameOf } from './record.ts';

/** Answers go out as they are kept: serialized. */
export type ReadCall = ServerWritableStream<ReadReq, Uint8Array>;

const backwards = 1;

/** Reads a stream or $all, forwards or backwards, once. */
export function read(log: EventLog, misdeeds: Misdeeds, call: ReadCall): void {
  const options = call.request.getOptions();
  const all = options?.getAll();
  const stream = options?.getStream();
  if (options === undefined || (all ?? stream) === undefined)
    return void call.emit('error', invalid('The request names neither a stream nor $all.'));
  const isBackwards = options.getReadDirection() === backwards;
  const count = Number(options.getCount());
  if (all !== undefined) {
    const from = startInAll(log, all, isBackwards);
    if (from === undefined) return void call.emit('error', invalidPosition());
    return send(call, misdeeds, recordsOfAll(log, from, isBackwards, count));
  }
  const name = nameOf(stream?.getStreamIdentifier());
  const known = log.stream(name);
  if (known?.isTombstoned) return void call.emit('error', streamDeleted(name));
  if (known === undefined || known.isSoftDeleted) return notFound(call, name);
  const shown = known.shown(log.length);
  const events = stream === undefined ? [] : eventsFrom(shown, stream, isBackwards);
  send(call, misdeeds, events.slice(0, count)[Symbol.iterator]());
}

export const invalidPosition = (): Error => unexpected('Unexpected ReadAllResult: InvalidPosition');

/** The index to begin at; undefined inside a record. Backwards, what stands at the position itself is not read. */
function startInAll(
  log: EventLog,
  all: ReadReq.Options.AllOptions,
  isBackwards: boolean,
): number | undefined {
  if (all.hasStart()) return isBackwards ? -1 : 0;
  if (all.hasEnd()) return isBackwards ? log.length - 1 : log.length;
  const position = Number(all.getPosition()?.getCommitPosition() ?? 0);
  const index = log.indexAt(position);
  if (index < log.length && log.at(index)?.position !== position) return undefined;
  return isBackwards ? index - 1 : index;
}

function* recordsOfAll(
  log: EventLog,
  from: number,
  isBackwards: boolean,
  count: number,
): IterableIterator<LogRecord> {
  for (let [index, left] = [from, count]; left > 0; left -= 1) {
    const record = log.at(index);
    if (record === undefined) return;
    yield record;
    index += isBackwards ? -1 : 1;
  }
}

function eventsFrom(
  shown: readonly LogRecord[],
  options: ReadReq.Options.StreamOptions,
  isBackwards: boolean,
): readonly LogRecord[] {
  if (isBackwards) {
    const to = options.hasRevision() ? Number(options.getRevision()) : options.hasEnd() ? Infinity : 0;
    return shown.filter(({ revision }) => revision <= to).toReversed();
  }
  const from = options.hasRevision() ? Number(options.getRevision()) : options.hasEnd() ? Infinity : 0;
  return from === 0 ? shown : shown.filter(({ revision }) => revision >= from);
}

function notFound(call: ReadCall, stream: string): void {
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(identifierOf(stream));
  const response = new streams.ReadResp();
  response.setStreamNotFound(missing);
  call.write(response.serializeBinary());
  call.end();
}

/** No faster than the reader takes it. */
function send(call: ReadCall, misdeeds: Misdeeds, records: Iterator<LogRecord>): void {
  const next = (): void =>
    misdeeds.run(() => {
      for (;;) {
        const { value, done } = records.next();
        if (call.cancelled) return;
        if (done) return void call.end();
        if (!call.write(value.wire)) return void call.once('drain', next);
      }
    });
  next();
}
