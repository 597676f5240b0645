import type { CartView } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';

/** A read store that forgets every view at once, and counts: what a projection costs without what a store costs. */
export class NullStore implements ReadStore {
  readonly nativeTtl = true;
  readonly #revisions = new Map<string, number>();
  readonly #checkpoints = new Map<string, bigint>();
  readonly #onCheckpoint: (position: bigint) => void;

  constructor(onCheckpoint: (position: bigint) => void) {
    this.#onCheckpoint = onCheckpoint;
  }

  /** The events that the views put so far are the fold of. */
  get events(): number {
    return [...this.#revisions.values()].reduce((sum, revision) => sum + revision + 1, 0);
  }

  async put(views: readonly CartView[]) {
    for (const { id, revision } of views) this.#revisions.set(id, revision);
    return { written: views.length, stale: 0, oversized: [] };
  }

  async saveCheckpoint(name: string, position: bigint): Promise<void> {
    this.#checkpoints.set(name, position);
    this.#onCheckpoint(position);
  }

  async checkpoints() {
    return this.#checkpoints;
  }

  async get() {
    return undefined;
  }

  async getMany(ids: readonly string[]) {
    return ids.map(() => undefined);
  }

  async list() {
    return [];
  }

  async *scan() {}

  async parked() {
    return [];
  }

  async park({ id, reason }: { readonly id: string; readonly reason: string }): Promise<void> {
    throw new Error(`${id} cannot be folded: ${reason}`);
  }

  async unpark(): Promise<void> {}
  async provision(): Promise<void> {}
  async drop(): Promise<void> {}
  async close(): Promise<void> {}

  async purge() {
    return 0;
  }
}
