import { streamOf } from '@cartage/cart';
import type { Appended, EventStore } from '@cartage/event-store';

/** What an event's metadata says of its origin. `$correlationId` and `$causationId` are the names EventStoreDB's own projections know. */
export type Origin = {
  readonly commandId?: string;
  readonly commandHash?: string;
  readonly $correlationId?: string;
  readonly $causationId?: string;
};

/**
 * Appends what was decided on a cart at `revision`; −1 is before its first event. Errors are those of `append`.
 */
export function record(
  events: EventStore,
  id: string,
  revision: number,
  decided: readonly { readonly type: string; readonly data: object }[],
  origin: Origin = {},
): Promise<Appended> {
  const metadata = { schema: 1, ...origin };
  const drafts = decided.map(({ type, data }) => ({ id: crypto.randomUUID(), type, data, metadata }));
  return events.append(streamOf(id), drafts, revision < 0 ? 'none' : revision);
}
