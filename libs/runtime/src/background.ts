import { execFile } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { promisify } from 'node:util';

/** Below what serves shoppers on the same machine. */
const niceness = 10;

/**
 * Lowers this thread, and those it begins from then on, below what serves shoppers on this machine. No further: those that commit
 * hold a lock that others wait for.
 */
export const stepBack = (): void => setPriority(Math.max(getPriority(), niceness));

/**
 * Has this thread work when no other thread of the machine wants the processor, where the system can: one that is merely nice is
 * let finish its slice of some ms before a shopper's turn comes. Not for a thread that holds a lock: it may never let go of it.
 *
 * Source: sched(7), SCHED_IDLE. Node.js cannot ask for it; chrt of util-linux or BusyBox can.
 */
export async function workWhenIdle(): Promise<void> {
  if (process.platform !== 'linux') return;
  // The process's id is that of its main thread, and of no other.
  await promisify(execFile)('chrt', ['-i', '-p', '0', `${process.pid}`]).catch(() => undefined);
}
