import type { LogRecord } from './record.ts';

/** About what 8 MiB of event ids are. */
const capacity = 90_000;

/** The ids by which `any` and `stream_exists` know an append again: the oldest are forgotten, and all of them at a restart. */
export class IdMemory {
  readonly #records = new Map<string, LogRecord>();
  /** A ring of the last ones: the oldest key of a map that forgets its oldest all the time takes ever longer to find. */
  #latest: LogRecord[] = [];
  #added = 0;

  get(id: string): LogRecord | undefined {
    return this.#records.get(id);
  }

  add(record: LogRecord): void {
    const place = this.#added % capacity;
    const oldest = this.#latest[place];
    if (oldest !== undefined && this.#records.get(oldest.id) === oldest) this.#records.delete(oldest.id);
    this.#latest[place] = record;
    this.#records.set(record.id, record);
    this.#added += 1;
  }

  clear(): void {
    this.#records.clear();
    this.#latest = [];
    this.#added = 0;
  }
}
