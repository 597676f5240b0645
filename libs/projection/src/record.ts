import { streamOf } from '@cartage/cart';
import type { Appended, EventStore, NewEvent } from '@cartage/event-store';

/** What an event's metadata says of its origin. `$correlationId` and `$causationId` are the names EventStoreDB's own projections know. */
export type Origin = {
  readonly commandId?: string;
  readonly commandHash?: string;
  readonly $correlationId?: string;
  readonly $causationId?: string;
};

type Decided = readonly { readonly type: string; readonly data: object }[];

/** What one command led to, ready to be appended: with new ids, and the origin in the metadata of each event. */
export function draftsOf(decided: Decided, origin: Origin = {}): readonly NewEvent[] {
  const metadata = { schema: 1, ...origin };
  return decided.map(({ type, data }) => ({ id: crypto.randomUUID(), type, data, metadata }));
}

/**
 * Appends what was decided on a cart at `revision`; −1 is before its first event. Errors are those of `append`.
 */
export function append(
  events: EventStore,
  id: string,
  revision: number,
  drafts: readonly NewEvent[],
): Promise<Appended> {
  return events.append(streamOf(id), drafts, revision < 0 ? 'none' : revision);
}

/** {@link draftsOf}, appended. */
export function record(
  events: EventStore,
  id: string,
  revision: number,
  decided: Decided,
  origin?: Origin,
): Promise<Appended> {
  return append(events, id, revision, draftsOf(decided, origin));
}
