import {
  canonical,
  type CartView,
  decodeEvent,
  emptyView,
  project,
  type PurgeWindow,
  streamOf,
} from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { messageOf } from '../exit.ts';

/** An event of the cart's stream and the cart after it. */
export type Entry = {
  readonly revision: number;
  readonly type: string;
  /** ms since the epoch, by the log's clock. */
  readonly recordedAt: number;
  readonly data: unknown;
  readonly view?: CartView;
  /** Why there is no view: this event, or one before it, is none this version understands. */
  readonly problem?: string;
};

/** The cart's events, oldest first; empty when it has none. What cannot be read is shown as it is, and ends the fold. */
export async function historyOf(
  events: EventStore,
  id: string,
  window: PurgeWindow,
): Promise<readonly Entry[]> {
  const history: Entry[] = [];
  let view: CartView | undefined = emptyView(id);
  for await (const recorded of events.read(streamOf(id))) {
    const { revision, type, recordedAt, data } = recorded;
    const entry = { revision, type, recordedAt, data };
    if (!view) {
      history.push({ ...entry, problem: 'not folded: an event before it cannot be read' });
      continue;
    }
    try {
      view = project(view, decodeEvent(recorded), revision, window);
      history.push({ ...entry, view });
    } catch (error) {
      view = undefined;
      history.push({ ...entry, problem: messageOf(error) });
    }
  }
  return history;
}

/** A store's view of a cart beside the log's. */
export type Stored = {
  readonly store: string;
  /** `uncertain`: the log no longer holds, or cannot fold, what the view was made of. */
  readonly state: 'equal' | 'different' | 'uncertain' | 'missing' | 'unreachable';
  /** Revisions the view lags behind the log; absent when the store was not reached. */
  readonly behind?: number;
  readonly view?: CartView;
  readonly reason?: string;
};

/** Compares a view with the log at the view's own revision: a view that lags may still be right. */
export function compareView(store: string, view: CartView | undefined, history: readonly Entry[]): Stored {
  const last = history.at(-1)?.revision ?? -1;
  if (!view) return { store, state: 'missing', behind: last + 1 };
  const found = { store, view, behind: Math.max(0, last - view.revision) };
  if (view.revision > last)
    return { ...found, state: 'different', reason: `the log ends at revision ${last}` };
  const folded = history.find(({ revision }) => revision === view.revision)?.view;
  if (!folded) return { ...found, state: 'uncertain', reason: 'the log cannot be folded to this revision' };
  return { ...found, state: canonical(folded) === canonical(view) ? 'equal' : 'different' };
}

/** Where the log cannot tell which of two stores is right, it is still wrong that they differ at the same revision. */
export function compareStores(stored: readonly Stored[]): readonly Stored[] {
  return stored.map((one) => {
    const { state, view } = one;
    if (state !== 'uncertain' || !view) return one;
    const other = stored.find(
      (peer) => peer.view?.revision === view.revision && canonical(peer.view) !== canonical(view),
    );
    return other ? { ...one, state: 'different', reason: `${other.store} holds something else` } : one;
  });
}
