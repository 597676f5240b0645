import { type EventStore, Unavailable } from '@cartage/event-store';

/** A log whose every append happens, but the first `times` answers of it are lost. */
export function losingAnswers(events: EventStore, times: number): EventStore {
  let lost = 0;
  return {
    append: async (...append) => {
      const appended = await events.append(...append);
      if (lost < times) {
        lost += 1;
        throw new Unavailable('The answer was lost.');
      }
      return appended;
    },
    read: (...read) => events.read(...read),
    follow: (...follow) => events.follow(...follow),
    head: () => events.head(),
    truncate: (...truncate) => events.truncate(...truncate),
    close: () => events.close(),
  };
}

/** A log where somebody else writes to the stream just before each of the first `times` appends. */
export function racing(events: EventStore, times: number): EventStore {
  let raced = 0;
  const intruder = async (stream: string): Promise<void> => {
    let last = -1;
    for await (const { revision } of events.read(stream)) last = revision;
    const data = { at: Date.now(), expiresAt: null };
    const event = { id: crypto.randomUUID(), type: 'CartUnfrozen', data, metadata: { schema: 1 } };
    await events.append(stream, [event], last < 0 ? 'none' : last);
  };
  return {
    ...losingAnswers(events, 0),
    append: async (stream, ...append) => {
      if (raced < times) await intruder(stream);
      raced += 1;
      return events.append(stream, ...append);
    },
  };
}

/** A log whose first append waits until it is released; `appends` tells how many events each append had. */
export function holding(events: EventStore): {
  readonly events: EventStore;
  readonly appends: readonly number[];
  /** Resolves when the first append waits. */
  readonly reached: Promise<void>;
  readonly release: () => void;
} {
  const appends: number[] = [];
  let release = (): void => {};
  let reach = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const append: EventStore['append'] = async (stream, drafts, expected) => {
    appends.push(drafts.length);
    reach();
    await released;
    return events.append(stream, drafts, expected);
  };
  return { events: { ...losingAnswers(events, 0), append }, appends, reached, release };
}
