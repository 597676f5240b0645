import {
  type CartEvent,
  type CartView,
  decodeEvent,
  emptyView,
  project,
  type PurgeWindow,
  streamOf,
} from '@cartage/cart';
import type { EventStore, Recorded } from '@cartage/event-store';
import { behind, type Until } from './stretch.ts';

export type FoldOptions = {
  /** Fold on from this view; what it has seen is not read again. From the start of the stream when absent. */
  readonly from?: CartView;
  readonly window?: PurgeWindow;
  /** As the log had it then. */
  readonly until?: Until;
  /** Called with each event after it was folded, oldest first. */
  readonly onEvent?: (recorded: Recorded, event: CartEvent, view: CartView) => void;
};

/**
 * The view of a cart as the log has it, now or then. A truncated stream is folded from what is left of it.
 *
 * @throws {Undecodable} an event of the stream is none this version understands
 */
export async function foldCart(events: EventStore, id: string, options: FoldOptions = {}): Promise<CartView> {
  const isBehind = behind(options.until);
  let view = options.from ?? emptyView(id);
  for await (const recorded of events.read(streamOf(id), view.revision + 1)) {
    if (isBehind(recorded)) break;
    const event = decodeEvent(recorded);
    view = project(view, event, recorded.revision, options.window);
    options.onEvent?.(recorded, event, view);
  }
  return view;
}
