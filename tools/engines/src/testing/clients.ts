import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  type AllStreamRecordedEvent,
  type AllStreamSubscription,
} from '@eventstore/db-client';
import { type Facade, type FacadeOptions, startEventStoreDbFacade } from '../index.ts';

/** Per-call credentials make the client take the plain Append call instead of the shared BatchAppend. */
export const paths = {
  BatchAppend: {},
  Append: { credentials: { username: 'admin', password: 'changeit' } },
} as const;

/** Runs a case with a facade and the real client of it, and ends both. */
export const withFacade =
  (run: (client: EventStoreDBClient, facade: Facade) => Promise<void>, options: FacadeOptions = {}) =>
  async (): Promise<void> => {
    const facade = await startEventStoreDbFacade(options);
    try {
      await withClient(facade.url, (client) => run(client, facade));
    } finally {
      await facade.close();
    }
  };

export async function withClient(
  url: string,
  run: (client: EventStoreDBClient) => Promise<void>,
): Promise<void> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    await run(client);
  } finally {
    await client.dispose();
  }
}

/** Runs a case with a folder of its own, which is removed afterwards. */
export const withFolder = (run: (folder: string) => Promise<void>) => async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'engines-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

export const event = (data: string | number = '') =>
  jsonEvent({ type: 'Noted', data: { data }, metadata: { by: 'a test' } });

/** The error a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<object> {
  const error: unknown = await promise.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  return Object(error);
}

export const collect = async <T>(events: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const each of events) all.push(each);
  return all;
};

export const revisionsIn = async (
  events: AsyncIterable<{ readonly event?: { readonly revision: bigint } }>,
): Promise<readonly number[]> =>
  (await collect(events)).map(({ event: recorded }) => Number(recorded?.revision));

/** What a subscription told, in order; `until` resolves as soon as the story holds so many entries. */
export function storyOf(subscription: AllStreamSubscription) {
  const story: unknown[] = [];
  const waiting: { readonly length: number; readonly resolve: () => void }[] = [];
  const tell = (entry: unknown): void => {
    story.push(entry);
    for (const { length, resolve } of waiting) if (story.length >= length) resolve();
  };
  subscription
    .on('confirmation', () => tell('confirmed'))
    .on('caughtUp', () => tell('caught up'))
    .on('error', (error) => tell(error))
    .on('data', ({ event: recorded }) => tell(nameOf(recorded)));
  return {
    story,
    tell,
    until: (length: number) =>
      story.length >= length
        ? Promise.resolve()
        : new Promise<void>((resolve) => waiting.push({ length, resolve })),
  };
}

export const nameOf = (recorded: AllStreamRecordedEvent | undefined): string =>
  `${recorded?.streamId}@${recorded?.revision}`;
