import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect garbage when the heap has doubled, and not only when it has grown to a multiple: for a process that does little
 * else than rebuild. Most of what it makes, views that the next event replaces, lives just long enough to wait there for that.
 */
export const keepHeapSmall = (): void => setFlagsFromString('--heap-growing-percent=100');

/**
 * Has V8 collect what is young in the thread that made it: its helpers run at the priority the process began with, on as many
 * processors as there are, and whoever serves shoppers on the same machine waits meanwhile. It takes this thread no longer.
 */
export const collectAlone = (): void => setFlagsFromString('--no-parallel-scavenge');
