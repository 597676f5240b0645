export * from './config.ts';
export * from './operator-server.ts';
export * from './run-process.ts';
export { folderOf, type StoreUrl } from './store-url.ts';
export * from './stores.ts';
