import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';

/** The checkpoint of the projection of all carts, by its bucket range. */
export const cartsCheckpoint = 'carts.0-9999';

/** A read store is ahead of the log: it was built from another log, or the log was restored from an older backup. */
export class CheckpointBeyondLog extends Error {
  override readonly name = 'CheckpointBeyondLog';
  readonly code = 'checkpoint_beyond_log';

  constructor(checkpoint: string, position: bigint, head: bigint) {
    super(
      `The checkpoint "${checkpoint}" is at position ${position}, but the log ends at ${head}: this read store was built from ` +
        'another log, or the log was restored from an older backup. Configure the log the store was built from, or start ' +
        'another generation of the store (?generation=v2), which is then filled from this log.',
    );
  }
}

/**
 * How far the named follower has come; undefined when it has not begun.
 *
 * @throws {CheckpointBeyondLog} following from there would silently pass over events
 */
export async function loadCheckpoint(
  events: EventStore,
  store: Pick<ReadStore, 'checkpoints'>,
  name: string,
): Promise<bigint | undefined> {
  const position = (await store.checkpoints()).get(name);
  if (position !== undefined) await checkWithin(events, name, position);
  return position;
}

/** Answers the head. @throws {CheckpointBeyondLog} `position`, which was reached before this call, is beyond it */
export async function checkWithin(events: EventStore, name: string, position: bigint): Promise<bigint> {
  const head = await events.head();
  if (position > head) throw new CheckpointBeyondLog(name, position, head);
  return head;
}
