import type { ReadStore } from '@cartage/read-store';
import { openReadStore, type StoreUrl } from '@cartage/runtime';

/** A read store that is opened when it is first asked for, and then once. */
export class LazyStore {
  readonly name: string;
  readonly #url: StoreUrl;
  #opening: Promise<ReadStore> | undefined;

  constructor(url: StoreUrl) {
    this.name = url.name;
    this.#url = url;
  }

  /** Rejects as opening does; the next call tries again. */
  open(): Promise<ReadStore> {
    this.#opening ??= openReadStore(this.#url).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }
}
