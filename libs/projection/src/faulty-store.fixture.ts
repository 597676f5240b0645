import type { CartView } from '@cartage/cart';
import { Unavailable } from '@cartage/event-store';
import type { BucketRange, Parked, PutMode, PutResult, ReadStore } from '@cartage/read-store';

export const calls = ['getMany', 'put', 'saveCheckpoint', 'checkpoints', 'park', 'unpark', 'parked'] as const;

export type Call = (typeof calls)[number];

/**
 * What becomes of a call. `refused`: it is not carried out. `replyLost`: it is carried out, and fails. `late`: it fails, and is
 * carried out by {@link FaultyStore.deliverLate}. `crashBefore`, `crashAfter`: the process that makes it dies.
 */
export type Fault = 'refused' | 'replyLost' | 'late' | 'crashBefore' | 'crashAfter';

/** A real read store, as one process sees it that meets the faults it is told to. */
export class FaultyStore implements ReadStore {
  readonly calls: Call[] = [];
  readonly #real: ReadStore;
  readonly #onCrash: () => void;
  readonly #planned: { readonly call: Call; readonly fault: Fault }[] = [];
  readonly #gates = new Map<Call, { readonly reach: () => void; readonly released: Promise<void> }>();
  readonly #late: (() => Promise<unknown>)[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #dead = false;
  /** Whether every call fails; and how many have. */
  down = false;
  refused = 0;

  constructor(real: ReadStore, onCrash: () => void = () => {}) {
    this.#real = real;
    this.#onCrash = onCrash;
  }

  /** The next call of this kind will meet the fault. */
  plan(call: Call, fault: Fault): void {
    this.#planned.push({ call, fault });
  }

  /**
   * The engine forgot what it had acknowledged, and nobody saw it go: then, as a store promises, reading and saving checkpoints
   * fail first.
   */
  setBack(): void {
    for (const call of ['checkpoints', 'saveCheckpoint'] as const)
      this.#planned.unshift({ call, fault: 'refused' });
  }

  /** Calls of this kind wait until they are released. `reached` resolves when one does. */
  hold(call: Call): { readonly reached: Promise<void>; readonly release: () => void } {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const reached = new Promise<void>((reach) => this.#gates.set(call, { reach, released }));
    return { reached, release };
  }

  /** From now on nothing this process does has an effect. Resolves when no call is under way. */
  async die(): Promise<void> {
    this.#dead = true;
    await this.settled();
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async deliverLate(): Promise<void> {
    for (const call of this.#late.splice(0)) await call();
  }

  getMany = (ids: readonly string[]) => this.#pass('getMany', () => this.#real.getMany(ids));
  put = (views: readonly CartView[], mode: PutMode): Promise<PutResult> =>
    this.#pass('put', () => this.#real.put(views, mode));
  saveCheckpoint = (name: string, position: bigint) =>
    this.#pass('saveCheckpoint', () => this.#real.saveCheckpoint(name, position));
  checkpoints = () => this.#pass('checkpoints', () => this.#real.checkpoints());
  park = (entry: Parked) => this.#pass('park', () => this.#real.park(entry));
  unpark = (id: string) => this.#pass('unpark', () => this.#real.unpark(id));
  parked = () => this.#pass('parked', () => this.#real.parked());

  get = (id: string) => this.#real.get(id);
  list = (owner: string) => this.#real.list(owner);
  scan = (buckets?: BucketRange) => this.#real.scan(buckets);
  provision = () => this.#real.provision();
  drop = () => this.#real.drop();
  close = () => this.#real.close();
  purge = (before: number, limit: number) => this.#real.purge(before, limit);
  get nativeTtl(): boolean {
    return this.#real.nativeTtl;
  }

  async #pass<T>(call: Call, carryOut: () => Promise<T>): Promise<T> {
    this.calls.push(call);
    const gate = this.#gates.get(call);
    gate?.reach();
    await gate?.released;
    if (this.down || this.#dead) return this.#fail(call);
    const at = this.#planned.findIndex((planned) => planned.call === call);
    const [planned] = at < 0 ? [] : this.#planned.splice(at, 1);
    switch (planned?.fault) {
      case 'refused':
        return this.#fail(call);
      case 'late':
        this.#late.push(carryOut);
        return this.#fail(call);
      case 'crashBefore':
        this.#crash();
        return this.#fail(call);
      case 'replyLost':
        await this.#track(carryOut());
        return this.#fail(call);
      case 'crashAfter':
        await this.#track(carryOut());
        this.#crash();
        return this.#fail(call);
      case undefined:
        return this.#track(carryOut());
    }
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#underWay.add(promise);
    return promise.finally(() => this.#underWay.delete(promise));
  }

  #crash(): void {
    this.#dead = true;
    this.#onCrash();
  }

  #fail(call: Call): never {
    this.refused += 1;
    throw new Unavailable(`${call}: the store is out of reach`);
  }
}
