import { offPeak } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { FaultyStore } from './faulty-store.fixture.ts';
import { Projection } from './index.ts';

/** One process that projects. */
export class Owner {
  readonly store: FaultyStore;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  crashed = false;

  constructor(events: EventStore, store: ReadStore, now: () => number) {
    this.store = new FaultyStore(store, () => (this.crashed = true));
    const projection = new Projection({ events, store: this.store, purgeWindow: offPeak, now });
    this.#running = projection.run(this.#stop.signal);
  }

  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async die(): Promise<void> {
    await this.store.die();
    await this.drain();
  }
}
