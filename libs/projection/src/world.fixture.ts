import { setTimeout as sleep } from 'node:timers/promises';
import { type CartCommand, type CartView, streamOf } from '@cartage/cart';
import { noon } from '@cartage/cart/testing';
import type { EventStore } from '@cartage/event-store';
import type { Parked, ReadStore } from '@cartage/read-store';
import { calls, type FaultyStore } from './faulty-store.fixture.ts';
import { cartsCheckpoint } from './index.ts';
import { Owner } from './owner.fixture.ts';
import { record } from './record.ts';
import { execute } from './testing.ts';
import { until } from './until.fixture.ts';

/** A store as it once was. The checkpoint was read first: it covers no more than the views. */
type Snapshot = {
  readonly checkpoint: bigint | undefined;
  readonly views: readonly CartView[];
  readonly parked: readonly Parked[];
};

const ticker = 'u~ticker~main';

/** A shop, the processes that project its log into one store, and a reader that watches the store all the while. */
export class World {
  now = noon;
  readonly #events: EventStore;
  readonly #store: ReadStore;
  readonly #seen = new Map<string, number>();
  readonly #lost = new Map<string, number>();
  readonly #late: FaultyStore[] = [];
  #owners: readonly Owner[];
  #snapshot: Snapshot = { checkpoint: undefined, views: [], parked: [] };
  #blind = false;
  #ended = false;
  #wentBack: string | undefined;

  constructor(events: EventStore, store: ReadStore) {
    this.#events = events;
    this.#store = store;
    this.#owners = [this.#owner()];
    void this.#watch();
  }

  /** The store as the oldest of the processes sees it. */
  get store(): FaultyStore | undefined {
    return this.#owners[0]?.store;
  }

  execute(id: string, command: CartCommand): Promise<void> {
    return execute(this.#events, id, command, this.now);
  }

  /** Nobody can fold this cart from here on. */
  async poison(id: string): Promise<void> {
    let revision = -1;
    for await (const recorded of this.#events.read(streamOf(id))) ({ revision } = recorded);
    await record(this.#events, id, revision, [{ type: 'CartTeleported', data: {} }]);
  }

  /** Drops what stands before the last opening of the cart. */
  async truncate(id: string): Promise<void> {
    let opening = 0;
    for await (const { type, revision } of this.#events.read(streamOf(id)))
      if (type === 'CartOpened') opening = revision;
    await this.#events.truncate(streamOf(id), opening);
  }

  addOwner(): void {
    if (this.#owners.length < 2) this.#owners = [...this.#owners, this.#owner()];
  }

  async restart(): Promise<void> {
    const [first, ...others] = this.#owners;
    await first?.drain();
    this.#owners = [...others, this.#owner()];
  }

  async crash(): Promise<void> {
    if (this.#owners[0]) this.#owners[0].crashed = true;
    await this.#replaceCrashed();
  }

  async rewind(): Promise<void> {
    const checkpoint = (await this.#store.checkpoints()).get(cartsCheckpoint);
    if (checkpoint !== undefined) await this.#store.saveCheckpoint(cartsCheckpoint, checkpoint / 2n);
  }

  async snapshot(): Promise<void> {
    const checkpoint = (await this.#store.checkpoints()).get(cartsCheckpoint);
    const views: CartView[] = [];
    for await (const page of this.#store.scan()) views.push(...page);
    this.#snapshot = { checkpoint, views, parked: await this.#store.parked() };
  }

  /** The engine loses all rows it may ever purge, and keeps the checkpoint. */
  async loseRows(): Promise<void> {
    await this.deliverLate();
    await this.settle();
    this.#blind = true;
    for await (const page of this.#store.scan())
      for (const { id, revision } of page) this.#lost.set(id, revision);
    await this.#store.purge(Number.MAX_SAFE_INTEGER, 1000);
    this.#seen.clear();
    this.#blind = false;
  }

  /** Whether the row was lost, and nothing that came after could have brought it back. */
  isLost({ id, revision }: CartView): boolean {
    return this.#lost.get(id) === revision;
  }

  /** The engine dies, so that everybody notices, and comes back as it was at the last snapshot. */
  async comeBackOlder(): Promise<void> {
    await this.deliverLate();
    const refused = this.#owners.map(({ store }) => store.refused);
    for (const { store } of this.#owners) store.down = true;
    await this.#tick();
    await until(() => this.#owners.every(({ store }, i) => store.refused > (refused[i] ?? 0)));
    await Promise.all(this.#owners.map(({ store }) => store.settled()));
    await this.#restore(this.#snapshot);
    for (const { store } of this.#owners) store.down = false;
  }

  /** The engine comes back as it was at the last snapshot, so fast that no call meets more than a delay. */
  async comeBackOlderUnseen(): Promise<void> {
    await this.deliverLate();
    const stores = this.#owners.map(({ store }) => store);
    const held = stores.flatMap((store) => calls.map((call) => store.hold(call)));
    await Promise.all(stores.map((store) => store.settled()));
    await this.#restore(this.#snapshot);
    for (const store of stores) store.setBack();
    for (const { release } of held) release();
  }

  /** What is still on its way to the store arrives. */
  async deliverLate(): Promise<void> {
    for (const store of [...this.#late, ...this.#owners.map((owner) => owner.store)])
      await store.deliverLate();
  }

  /** Until the stored checkpoint is at the end of the log, after one more event. */
  async settle(): Promise<void> {
    await this.#tick();
    const head = await this.#events.head();
    await until(async () => {
      await this.#replaceCrashed();
      return ((await this.#store.checkpoints()).get(cartsCheckpoint) ?? -1n) >= head;
    });
  }

  /** Answers what the reader saw go backwards. */
  async end(): Promise<string | undefined> {
    await Promise.all(this.#owners.map((owner) => owner.drain()));
    this.#ended = true;
    return this.#wentBack;
  }

  #tick(): Promise<void> {
    return execute(this.#events, ticker, { type: 'AddItem', sku: 'tick', quantity: 1 }, this.now);
  }

  #owner(): Owner {
    return new Owner(this.#events, this.#store, () => this.now);
  }

  async #replaceCrashed(): Promise<void> {
    for (const owner of this.#owners) {
      if (!owner.crashed) continue;
      await owner.die();
      this.#late.push(owner.store);
      this.#owners = [...this.#owners.filter((other) => other !== owner), this.#owner()];
    }
  }

  async #restore({ checkpoint, views, parked }: Snapshot): Promise<void> {
    this.#blind = true;
    await this.#store.drop();
    await this.#store.provision();
    await this.#store.put(views, 'fresh');
    for (const entry of parked) await this.#store.park(entry);
    if (checkpoint !== undefined) await this.#store.saveCheckpoint(cartsCheckpoint, checkpoint);
    this.#seen.clear();
    this.#blind = false;
  }

  async #watch(): Promise<void> {
    for (; !this.#ended; await sleep(1)) {
      if (this.#blind) continue;
      for await (const page of this.#store.scan()) this.#look(page);
    }
  }

  #look(views: readonly CartView[]): void {
    if (this.#blind) return;
    for (const { id, revision } of views) {
      const seen = this.#seen.get(id) ?? -1;
      if (revision < seen) this.#wentBack ??= `${id} went from ${seen} to ${revision}`;
      this.#seen.set(id, revision);
    }
  }
}
