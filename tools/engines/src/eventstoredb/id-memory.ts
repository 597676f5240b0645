import type { LogRecord } from './record.ts';

/** About what 8 MiB of event ids are. */
const capacity = 90_000;

/** The ids by which `any` and `stream_exists` know an append again: the oldest are forgotten, and all of them at a restart. */
export class IdMemory {
  readonly #records = new Map<string, LogRecord>();

  get(id: string): LogRecord | undefined {
    return this.#records.get(id);
  }

  add(record: LogRecord): void {
    this.#records.delete(record.id);
    this.#records.set(record.id, record);
    if (this.#records.size <= capacity) return;
    for (const oldest of this.#records.keys()) return void this.#records.delete(oldest);
  }

  clear(): void {
    this.#records.clear();
  }
}
