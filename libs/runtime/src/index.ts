export * from './config.ts';
export * from './generations.ts';
export * from './lazy-store.ts';
export * from './operator-server.ts';
export * from './run-process.ts';
export { type GuestKey, parseBuckets } from './parse.ts';
export { folderOf, isGeneration, type StoreUrl } from './store-url.ts';
export * from './stores.ts';
