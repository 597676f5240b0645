import type { ReadStore } from '@cartage/read-store';
import type { StoreUrl } from './store-url.ts';
import { openReadStore } from './stores.ts';

/** A read store that is opened when it is first asked for, and then once: whoever uses it starts without it. */
export class LazyStore {
  readonly name: string;
  readonly #url: StoreUrl;
  #opening: Promise<ReadStore> | undefined;

  constructor(url: StoreUrl) {
    this.name = url.name;
    this.#url = url;
  }

  /** Rejects as {@link openReadStore} does; the next call tries again. */
  open(): Promise<ReadStore> {
    this.#opening ??= openReadStore(this.#url).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Closes the store if it was opened. */
  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }
}
