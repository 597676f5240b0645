import type { PurgeWindow } from '@cartage/cart';
import { type EventStore, hasCode } from '@cartage/event-store';
import { persist, Projection, type ProjectionStatus } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import { openReadStore, type StoreUrl } from '@cartage/runtime';

/** A read store that is opened, kept as current as the log and closed, whatever becomes of others. */
export class KeptStore {
  readonly name: string;
  readonly #url: StoreUrl;
  readonly #events: EventStore;
  readonly #purgeWindow: PurgeWindow;
  #projection: Projection | undefined;
  #failure: Error | undefined;

  constructor(url: StoreUrl, events: EventStore, purgeWindow: PurgeWindow) {
    this.name = url.name;
    this.#url = url;
    this.#events = events;
    this.#purgeWindow = purgeWindow;
  }

  /** Why it is kept no more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Undefined until the store could be opened. */
  status(): ProjectionStatus | undefined {
    return this.#projection?.status();
  }

  /** Until the signal fires, or until an error that trying again does not mend: see {@link failure}. */
  async keep(signal: AbortSignal): Promise<void> {
    try {
      const store = await this.#open(signal);
      if (store) await this.#project(store, signal);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#say(`stopped: ${this.#failure.message}`);
    }
  }

  async #project(store: ReadStore, signal: AbortSignal): Promise<void> {
    this.#projection = new Projection({
      events: this.#events,
      store,
      purgeWindow: this.#purgeWindow,
      onError: (error) => this.#say(error.message),
    });
    try {
      await this.#projection.run(signal);
    } finally {
      await store.close();
    }
  }

  async #open(signal: AbortSignal): Promise<ReadStore | undefined> {
    let store: ReadStore | undefined;
    const open = async (): Promise<void> => {
      store = await openReadStore(this.#url);
    };
    await persist(open, signal, (error) => {
      if (!hasCode(error, 'unavailable')) throw error;
      this.#say(error.message);
    });
    return store;
  }

  #say(message: string): void {
    process.stderr.write(`projector: ${this.name}: ${message}\n`);
  }
}
