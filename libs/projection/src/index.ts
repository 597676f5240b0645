export * from './fold.ts';
export * from './merges.ts';
