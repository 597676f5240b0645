import { type EventStore, hasCode } from '@cartage/event-store';
import { pause, persist, Projection, type ProjectionStatus, Trouble } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import { type Config, LazyStore, type StoreUrl } from '@cartage/runtime';

/** ms between looks at whether a store that is in trouble has lost its tables. */
const lookEvery = 1_000;

/** A read store that is opened, provisioned, kept as current as the log and closed, whatever becomes of others. */
export class KeptStore {
  readonly name: string;
  readonly #store: LazyStore;
  readonly #events: EventStore;
  readonly #config: Pick<Config, 'offPeak' | 'projectorBuckets'>;
  readonly #opening = new Trouble((error) => this.#say(error.message));
  #projection: Projection | undefined;
  #failure: Error | undefined;

  constructor(url: StoreUrl, events: EventStore, config: Pick<Config, 'offPeak' | 'projectorBuckets'>) {
    this.name = url.name;
    this.#store = new LazyStore(url);
    this.#events = events;
    this.#config = config;
  }

  /** Why it is kept no more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** What keeps it from being opened. */
  get trouble(): string | undefined {
    return this.#opening.status.trouble;
  }

  /** Undefined until the store could be opened and provisioned. */
  status(): ProjectionStatus | undefined {
    return this.#projection?.status();
  }

  /** Until the signal fires, or until an error that trying again does not mend: see {@link failure}. */
  async keep(signal: AbortSignal): Promise<void> {
    try {
      const store = await this.#provisioned(signal);
      if (store) await this.#project(store, signal);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#say(`stopped: ${this.#failure.message}`);
    } finally {
      await this.#store.close();
    }
  }

  async #project(store: ReadStore, signal: AbortSignal): Promise<void> {
    this.#projection = new Projection({
      events: this.#events,
      store,
      purgeWindow: this.#config.offPeak,
      buckets: this.#config.projectorBuckets,
      onError: (error) => this.#say(error.message),
    });
    const ending = new AbortController();
    const provisioning = this.#provisionAnew(store, AbortSignal.any([signal, ending.signal]));
    try {
      await this.#projection.run(signal);
    } finally {
      ending.abort();
      await provisioning;
    }
  }

  /** An engine that comes back empty, or is dropped by hand, gets its tables again, and then every view. */
  async #provisionAnew(store: ReadStore, signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await pause(lookEvery, signal))
      // Why it fails, the projection says.
      if (this.status()?.trouble !== undefined) await store.provision().catch(() => undefined);
  }

  /** Undefined: the signal fired before. */
  async #provisioned(signal: AbortSignal): Promise<ReadStore | undefined> {
    let provisioned: ReadStore | undefined;
    const provision = async (): Promise<void> => {
      const store = await this.#store.open();
      await store.provision();
      provisioned = store;
    };
    await persist(provision, signal, (error) => {
      if (!hasCode(error, 'unavailable')) throw error;
      this.#opening.note(error);
    });
    return provisioned;
  }

  #say(message: string): void {
    process.stderr.write(`projector: ${this.name}: ${message}\n`);
  }
}
