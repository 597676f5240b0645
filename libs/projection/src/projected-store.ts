import type { ReadStore } from '@cartage/read-store';

/** What a projection needs of a read store. */
export type ProjectedStore = Pick<
  ReadStore,
  'getMany' | 'put' | 'checkpoints' | 'saveCheckpoint' | 'parked' | 'park' | 'unpark'
>;
