import { canonical, type CartView, offPeak } from '@cartage/cart';
import { noon } from '@cartage/cart/testing';
import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import { type Call, FaultyStore } from './faulty-store.fixture.ts';
import { withFolder } from './folder.fixture.ts';
import { cartsCheckpoint, foldCart, Projection } from './index.ts';
import { execute } from './testing.ts';
import { until } from './until.fixture.ts';

export const ann = 'u~ann~main';
export const bob = 'u~bob~main';

/** A log, a store of it, and a projection between them that has not begun. */
export class Setup {
  readonly events: EventStore;
  readonly real: ReadStore;
  readonly store: FaultyStore;
  readonly projection: Projection;
  readonly told: string[] = [];
  now = noon;
  readonly #ending = new AbortController();

  constructor(events: EventStore, real: ReadStore) {
    this.events = events;
    this.real = real;
    this.store = new FaultyStore(real);
    this.projection = new Projection({
      events,
      store: this.store,
      purgeWindow: offPeak,
      now: () => this.now,
      onError: ({ message }) => this.told.push(message),
    });
  }

  async add(id: string, times = 1): Promise<void> {
    for (let i = 0; i < times; i += 1)
      await execute(this.events, id, { type: 'AddItem', sku: 'apple', quantity: 1 }, this.now);
  }

  run(): Promise<void> {
    return this.projection.run(this.#ending.signal);
  }

  end(): void {
    this.#ending.abort();
  }

  /** Runs it until it has caught up; `meanwhile` comes before its end. */
  async project(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const running = this.run();
    await this.caughtUp();
    await meanwhile();
    this.end();
    await running;
  }

  /** Until the checkpoint is at the end of the log. */
  async caughtUp(): Promise<void> {
    await until(async () => (await this.checkpoint()) === (await this.events.head()));
  }

  async checkpoint(): Promise<bigint | undefined> {
    return (await this.real.checkpoints()).get(cartsCheckpoint);
  }

  count(call: Call): number {
    return this.store.calls.filter((other) => other === call).length;
  }

  async stored(id: string): Promise<string | undefined> {
    const view = await this.real.get(id);
    return view && canonical(view);
  }

  async folded(id: string): Promise<string> {
    return canonical(await this.view(id));
  }

  /** As the log has it. */
  view(id: string): Promise<CartView> {
    return foldCart(this.events, id);
  }
}

type Opens<T> = { open(folder: string): Promise<T> };

/** Makes test functions that are lent a log and a store in a folder of their own. */
export const lending =
  (eventStore: Opens<EventStore>, readStore: Opens<ReadStore>) =>
  (work: (setup: Setup) => Promise<void>) =>
  (): Promise<void> =>
    withFolder(async (folder) => {
      const events = await eventStore.open(`${folder}/events`);
      const store = await readStore.open(`${folder}/views`);
      try {
        await work(new Setup(events, store));
      } finally {
        await events.close();
        await store.close();
      }
    });
