/** The values that were set last, by key, as far as they take no more than `capacity` bytes together. */
export class Recent<T> {
  readonly #capacity: number;
  readonly #entries = new Map<string, { readonly value: T; readonly bytes: number }>();
  /** From the one set first on: kept, because a new one would have to pass all that were taken out before. */
  #oldest = this.#entries.keys();
  #setSince = 0;
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: T, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    this.#renew();
    while (this.#bytes > this.#capacity) {
      const { value: first, done } = this.#oldest.next();
      if (done) this.#oldest = this.#entries.keys();
      else this.delete(first);
    }
  }

  /** As if it were set again. */
  touch(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.set(key, entry.value, entry.bytes);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry && this.#entries.delete(key)) this.#bytes -= entry.bytes;
  }

  /** V8 keeps every table that the map has outgrown since the iterator moved, with all that was in them. */
  #renew(): void {
    this.#setSince += 1;
    if (this.#setSince <= this.#entries.size) return;
    this.#setSince = 0;
    this.#oldest = this.#entries.keys();
  }
}
