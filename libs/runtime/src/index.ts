export * from './config.ts';
export * from './operator-server.ts';
export * from './run-process.ts';
export type { GuestKey } from './parse.ts';
export { folderOf, type StoreUrl } from './store-url.ts';
export * from './stores.ts';
