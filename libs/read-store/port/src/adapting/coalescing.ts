type Waiting<V> = {
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (error: unknown) => void;
};

/** Answers for the keys it found, by key. */
export type Fetch<V> = (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>;

/** Point reads of one turn of the event loop, sent as one request for up to `most` keys, each key once. */
export class Coalescing<V> {
  readonly #fetch: Fetch<V>;
  readonly #most: number;
  #waiting = new Map<string, Waiting<V>[]>();

  constructor(fetch: Fetch<V>, most: number) {
    this.#fetch = fetch;
    this.#most = most;
  }

  /** Undefined where there is none. Rejects with what the request it was part of failed with. */
  get(key: string): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#flush());
      const waiting = this.#waiting.get(key);
      if (waiting) waiting.push({ resolve, reject });
      else this.#waiting.set(key, [{ resolve, reject }]);
      if (this.#waiting.size === this.#most) this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    if (batch.size === 0) return;
    this.#waiting = new Map();
    this.#fetch([...batch.keys()]).then(
      (found) => batch.forEach((waiting, key) => waiting.forEach(({ resolve }) => resolve(found.get(key)))),
      (error: unknown) => batch.forEach((waiting) => waiting.forEach(({ reject }) => reject(error))),
    );
  }
}
