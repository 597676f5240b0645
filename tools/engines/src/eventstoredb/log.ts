import { type Expected, judge, type Verdict } from './append-rules.ts';
import { IdMemory } from './id-memory.ts';
import { Journal } from './journal.ts';
import {
  decode,
  jsonEvent,
  type LogRecord,
  metadataType,
  type Proposed,
  recorded,
  sizeOf,
  tombstoneType,
} from './record.ts';
import { isMetadataStream, metadataStreamOf, softDeleted, Stream, withTruncateBefore } from './stream.ts';

export type Answer =
  | { readonly kind: 'success'; readonly revision: number; readonly position: number | undefined }
  /** `actual` is −1 when nothing was ever written to the stream. */
  | { readonly kind: 'wrong-version'; readonly actual: number }
  | { readonly kind: 'deleted' }
  /** The same append is still being written: the server drops the second one, which then times out. */
  | { readonly kind: 'dropped' };

type Reply = (answer: Answer) => void;

/**
 * The log and its streams. A record is shown to readers, and its append answered, once it is durable; the next append is
 * judged by what was written, durable or not.
 */
export class EventLog {
  readonly #records: LogRecord[] = [];
  readonly #streams = new Map<string, Stream>();
  readonly #ids = new IdMemory();
  readonly #listeners = new Set<() => void>();
  #journal: Journal | undefined;
  #end = 0;
  #shown = 0;

  private constructor() {}

  /** Over memory, or over a file that holds all that was ever acknowledged. @throws {Error} the file is no such log */
  static async open(file?: string): Promise<EventLog> {
    const log = new EventLog();
    if (file !== undefined)
      log.#journal = await Journal.open(file, (wires) => {
        for (const wire of wires) log.#add(decode(wire, log.#records.length), wire.length);
      });
    log.#shown = log.#records.length;
    log.#ids.clear();
    return log.#records.length > 0 ? log : log.#begin();
  }

  /** A new server's log begins with records of its own: whoever reads $all meets them. */
  #begin(): Promise<this> {
    const admin = this.#record('$user-admin', 0, jsonEvent('$UserCreated', '{"loginName":"admin"}'));
    const rule = this.#rule('$user-admin', '0');
    return new Promise((resolve) => this.#commit([admin, rule], () => resolve(this)));
  }

  /** How many records readers may see: those with an index below it. */
  get length(): number {
    return this.#shown;
  }

  at(index: number): LogRecord | undefined {
    return index < this.#shown ? this.#records[index] : undefined;
  }

  /** The index of the first record at or after a position. */
  indexAt(position: number): number {
    let [low, high] = [0, this.#shown];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Undefined when there is nothing of it to see yet. */
  stream(name: string): Stream | undefined {
    const stream = this.#streams.get(name);
    return (stream?.records[0]?.index ?? Infinity) < this.#shown || stream?.isTombstoned ? stream : undefined;
  }

  /** Calls back whenever there is more to read, until the function it answers with is called. */
  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  append(name: string, events: readonly Proposed[], expected: Expected, reply: Reply): void {
    const stream = this.#streamOf(name);
    const ids = events.map(({ id }) => id);
    const verdict = judge(
      stream.state((id) => this.#ids.get(id)),
      ids,
      expected,
    );
    if (verdict.kind !== 'write') return this.#refuse(stream, verdict, reply);
    const revived = stream.isSoftDeleted ? [this.#rule(name, String(stream.last + 1))] : [];
    const added = events.map((event) => this.#record(name, stream.last + 1, event));
    const answer = { kind: 'success', revision: stream.last, position: added.at(-1)?.position } as const;
    this.#commit([...revived, ...added], () => reply(answer));
  }

  /** A soft delete: `$tb` is put beyond every revision, and the next append goes on where the stream ended. */
  delete(name: string, expected: Expected, reply: Reply): void {
    this.#finish(name, expected, reply, () => this.#rule(name, softDeleted));
  }

  /** Ends a stream for ever. */
  tombstone(name: string, expected: Expected, reply: Reply): void {
    this.#finish(name, expected, reply, () => this.#record(name, 0, jsonEvent(tombstoneType, '{}')));
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  #finish(name: string, expected: Expected, reply: Reply, act: () => LogRecord): void {
    const stream = this.#streamOf(name);
    const verdict = judge(
      stream.state(() => undefined),
      [],
      expected,
    );
    if (verdict.kind !== 'write') return this.#refuse(stream, verdict, reply);
    const record = act();
    const answer = { kind: 'success', revision: stream.last, position: record.position } as const;
    this.#commit([record], () => reply(answer));
  }

  /** Nobody learns of a state that a kill could still undo. */
  #refuse(stream: Stream, verdict: Exclude<Verdict, { kind: 'write' }>, reply: Reply): void {
    const answer = answerTo(stream, verdict, this.#shown);
    if (this.#journal === undefined) reply(answer);
    else this.#journal.settled(() => reply(answer));
  }

  #rule(name: string, truncateBefore: string): LogRecord {
    const metadata = this.#streamOf(metadataStreamOf(name));
    const text = withTruncateBefore(metadata.records.at(-1), truncateBefore);
    return this.#record(metadata.name, metadata.last + 1, jsonEvent(metadataType, text));
  }

  #record(stream: string, revision: number, event: Proposed): LogRecord {
    const place = { index: this.#records.length, position: this.#end, stream, revision, created: Date.now() };
    const record = recorded(place, event);
    this.#add(record, sizeOf(event));
    return record;
  }

  #add(record: LogRecord, size: number): void {
    this.#records.push(record);
    this.#end = record.position + size;
    const stream = this.#streamOf(record.stream);
    if (record.type === tombstoneType) stream.isTombstoned = true;
    else stream.records.push(record);
    if (isMetadataStream(record.stream)) this.#streamOf(record.stream.slice(2)).rule(record);
    this.#ids.add(record);
  }

  #commit(records: readonly LogRecord[], done: () => void): void {
    const show = () => {
      this.#shown += records.length;
      done();
      for (const listener of this.#listeners) listener();
    };
    if (this.#journal === undefined) show();
    else
      this.#journal.write(
        records.map(({ wire }) => wire),
        show,
      );
  }

  #streamOf(name: string): Stream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = new Stream(name);
    this.#streams.set(name, stream);
    return stream;
  }
}

function answerTo(stream: Stream, verdict: Exclude<Verdict, { kind: 'write' }>, shown: number): Answer {
  switch (verdict.kind) {
    case 'wrong-version':
      return { kind: 'wrong-version', actual: stream.last };
    case 'deleted':
      return { kind: 'deleted' };
    case 'already': {
      const { index = 0, position } = stream.records[verdict.revision] ?? {};
      return index < shown ? { kind: 'success', revision: verdict.revision, position } : { kind: 'dropped' };
    }
  }
}
