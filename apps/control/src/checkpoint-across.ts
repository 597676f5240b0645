import type { LazyStore } from '@cartage/runtime';
import type { CheckpointStore } from './merge-finisher.ts';

/**
 * A checkpoint that every read store keeps a copy of. Its positions are the log's, whichever store keeps them: it outlives a store
 * that is lost, added or put in another's place.
 */
export function checkpointAcross(stores: readonly Pick<LazyStore, 'open'>[]): CheckpointStore {
  return {
    /** The newest copies within reach. Rejects as the first store does when there is none. */
    async checkpoints() {
      const asked = stores.map(async (store) => (await store.open()).checkpoints());
      const answers = await Promise.allSettled(asked);
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [...answer.value] : []));
      if (answers.every(({ status }) => status === 'rejected')) await Promise.all(asked);
      return new Map(found.toSorted(([, a], [, b]) => (a < b ? -1 : 1)));
    },
    /** Resolves when one store has it; the others get it as they can. Rejects as the first store does when none takes it. */
    async saveCheckpoint(name, position) {
      const saved = stores.map(async (store) => (await store.open()).saveCheckpoint(name, position));
      await Promise.any(saved).catch(() => Promise.all(saved));
    },
  };
}
