export * from './config.ts';
export * from './operator-server.ts';
export * from './run-process.ts';
export type { StoreUrl } from './store-url.ts';
export * from './stores.ts';
