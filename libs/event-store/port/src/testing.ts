import { appendContract } from './testing/append.ts';
import { appendTruthContract } from './testing/append-truth.ts';
import { followContract } from './testing/follow.ts';
import { lifeContract } from './testing/life.ts';
import { readContract } from './testing/read.ts';
import type { Stores } from './testing/scene.ts';

export type { Stores } from './testing/scene.ts';

/** What it means to be an event store. An adapter's spec is one call to this, and what is special about the adapter. */
export function eventStoreContract(stores: Stores): void {
  describe('an event store', () => {
    describe('append', () => appendContract(stores.open));
    describe('append, as EventStoreDB does it', () => appendTruthContract(stores.open));
    describe('read and truncate', () => readContract(stores.open));
    describe('follow', () => followContract(stores.open));
    describe('its life', () => lifeContract(stores));
  });
}
