import type { Config } from '@cartage/runtime';

export type { Config };
export const CONFIG = Symbol('Config');
export const EVENT_STORE = Symbol('EventStore');
