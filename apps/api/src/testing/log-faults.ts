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
