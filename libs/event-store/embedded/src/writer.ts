import { type Appended, type Expected, RevisionConflict } from '@cartage/event-store';
import { type Log, missing, positionKey, revisionKey } from './log.ts';
import { decode, type Draft, seal, verify } from './record.ts';

/** What happens to the log within one write transaction. */
export class Writer {
  readonly #log: Log;
  readonly #recordedAt = Date.now();
  #position: number;

  constructor(log: Log) {
    this.#log = log;
    this.#position = log.lastPosition();
  }

  append(stream: string, drafts: readonly Draft[], expected: Expected): Appended | RevisionConflict {
    const last = expected === 'none' ? -1 : expected;
    if (last >= 0 && !this.#log.has(stream, last)) return this.#conflict(stream, expected);
    if (this.#log.has(stream, last + 1))
      return this.#repeated(stream, drafts, last) ?? this.#conflict(stream, expected);
    let revision = last;
    for (const draft of drafts) {
      this.#position += 1;
      revision += 1;
      const key = positionKey(this.#position);
      this.#log.events.putSync(key, seal(draft, this.#position, revision, this.#recordedAt), {
        append: true,
      });
      this.#log.streams.putSync(revisionKey(stream, revision), key);
    }
    return { revision, position: BigInt(this.#position) };
  }

  /** A mark never goes back: what was hidden stays hidden. */
  truncate(stream: string, before: number): void {
    if (before <= this.#log.truncatedBefore(stream)) return;
    this.#log.truncations.putSync(Buffer.from(stream), positionKey(before));
  }

  /** The answer to an append that already happened, when these events are the ones that follow `last`. */
  #repeated(stream: string, drafts: readonly Draft[], last: number): Appended | undefined {
    const positions = [...this.#log.positions(stream, last + 1, drafts.length)];
    const ids = positions.map((position, index) => this.#idAt(stream, last + 1 + index, position));
    if (!drafts.every(({ id }, index) => id === ids[index])) return undefined;
    return { revision: last + drafts.length, position: BigInt(positions.at(-1) ?? -1) };
  }

  #idAt(stream: string, revision: number, position: number): string {
    const bytes = this.#log.events.getBinary(positionKey(position));
    if (bytes === undefined) throw missing(stream, revision);
    verify(bytes, position);
    return decode(bytes).id;
  }

  #conflict(stream: string, expected: Expected): RevisionConflict {
    return new RevisionConflict(stream, expected, this.#log.lastRevision(stream));
  }
}
