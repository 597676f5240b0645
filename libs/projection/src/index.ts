export * from './backoff.ts';
export {
  allBuckets,
  bucketsOf,
  cartsCheckpoint,
  CheckpointBeyondLog,
  checkpointOf,
  coveredTo,
  loadCheckpoint,
} from './checkpoint.ts';
export * from './fold.ts';
export * from './heap.ts';
export * from './merges.ts';
export { release } from './parked.ts';
export type { ProjectionStatus } from './progress.ts';
export * from './projection.ts';
export * from './rebuild.ts';
export { Recent } from './recent.ts';
export { isMark } from './run-mark.ts';
export * from './record.ts';
export type { Until } from './stretch.ts';
export * from './trouble.ts';
export * from './verify.ts';
