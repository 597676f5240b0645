/** What adapters of network databases have in common. Nobody else imports it. */
export * from './adapting/address.ts';
export * from './adapting/batches.ts';
export * from './adapting/calls.ts';
export * from './adapting/coalescing.ts';
export * from './adapting/errors.ts';
export * from './adapting/lanes.ts';
export * from './adapting/retrying.ts';
export * from './adapting/stored.ts';
