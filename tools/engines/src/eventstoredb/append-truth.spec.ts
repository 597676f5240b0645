import { readFileSync } from 'node:fs';
import { type AppendExpectedRevision, type EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { event, paths, revisionsIn, collect, withFacade } from '../testing/clients.ts';

/** What a real EventStoreDB answered to an append; the fields are explained in the data. */
type Row = {
  readonly state: string;
  readonly ids: readonly (number | string)[];
  readonly expected: number | 'no_stream' | 'any' | 'stream_exists';
  readonly next?: number;
  readonly written?: number;
  readonly duplicates?: number;
  readonly error?: string;
  readonly actual?: number | string;
  readonly visible: readonly number[] | string;
};

const data = new URL('../../../../libs/event-store/port/src/testing/append-truth.json', import.meta.url);
const truth: { readonly about: { readonly states: object }; readonly cases: readonly Row[] } = JSON.parse(
  readFileSync(data, 'utf8'),
);
const states = Object.keys(truth.about.states);

type Path = (typeof paths)[keyof typeof paths];
type Events = readonly ReturnType<typeof event>[];

it('has all 1,021 rows to go by', () => {
  expect(truth.cases.filter(({ state }) => states.includes(state))).toHaveLength(1_021);
});

describe.each(Object.entries(paths))('through %s', (_, path) => {
  it.each(states)(
    'answers every append like the real server when the stream is %s',
    (state) =>
      withFacade(async (client) => {
        const rows = truth.cases.filter((row) => row.state === state);
        const answers: Row[] = [];
        for (let index = 0; index < rows.length; index += 32) {
          const some = rows.slice(index, index + 32);
          answers.push(
            ...(await Promise.all(some.map((row, at) => answerTo(client, path, row, `s${index + at}`)))),
          );
        }
        expect(answers).toEqual(rows);
      })(),
    30_000,
  );
});

async function answerTo(client: EventStoreDBClient, path: Path, row: Row, stream: string): Promise<Row> {
  const before = Array.from({ length: 8 }, () => event());
  const count = await bringTo(row.state, client, stream, before);
  const twice = event();
  const given = row.ids.map((id) =>
    typeof id === 'number'
      ? jsonEvent({ ...event(), id: before[id]?.id ?? '' })
      : id === 'newA'
        ? twice
        : event(),
  );
  const expected: AppendExpectedRevision =
    typeof row.expected === 'number' ? BigInt(row.expected) : row.expected;
  const answer = await client.appendToStream(stream, given, { expectedRevision: expected, ...path }).then(
    ({ nextExpectedRevision }) => ({ next: Number(nextExpectedRevision) }),
    ({ type, actualVersion }) => ({
      error: type,
      ...(actualVersion !== undefined && {
        actual: actualVersion === 'no_stream' ? actualVersion : Number(actualVersion),
      }),
    }),
  );
  const { state, ids, expected: asked } = row;
  const visible = await visibleIn(client, stream);
  const { written, duplicates } = await addedTo(client, stream, count, visible);
  return {
    state,
    ids,
    expected: asked,
    ...answer,
    ...(('next' in answer || written > 0) && { written, duplicates }),
    visible,
  };
}

/** Answers how many events were written. */
async function bringTo(
  state: string,
  client: EventStoreDBClient,
  stream: string,
  events: Events,
): Promise<number> {
  if (state === 'absent') return 0;
  if (state === 'meta-only') await client.setStreamMetadata(stream, { color: 'red' });
  if (state === 'meta-only') return 0;
  await client.appendToStream(stream, events.slice(0, 1));
  await client.appendToStream(stream, events.slice(1, 3));
  await client.appendToStream(stream, events.slice(3, 5));
  if (state.startsWith('soft-deleted')) await client.deleteStream(stream);
  if (state === 'tombstoned') await client.tombstoneStream(stream);
  if (state === 'tb=3') await client.setStreamMetadata(stream, { truncateBefore: 3 });
  if (state === 'tb=99') await client.setStreamMetadata(stream, { truncateBefore: 99 });
  if (state === '5-events+3-more') await client.appendToStream(stream, events.slice(5));
  if (state === 'soft-deleted+1') await client.appendToStream(stream, events.slice(5, 6));
  return { '5-events+3-more': 8, 'soft-deleted+1': 6 }[state] ?? 5;
}

const visibleIn = (client: EventStoreDBClient, stream: string): Promise<Row['visible']> =>
  revisionsIn(client.readStream(stream)).catch(
    ({ type }) => ({ 'stream-not-found': 'notfound', 'stream-deleted': 'deleted' })[String(type)] ?? type,
  );

/** Looks beneath truncation and soft delete, which metadata without `$tb` takes off. */
async function addedTo(client: EventStoreDBClient, stream: string, before: number, visible: Row['visible']) {
  if (visible === 'deleted') return { written: 0, duplicates: 0 };
  await client.setStreamMetadata(stream, {});
  const events = await collect(client.readStream(stream)).catch(() => []);
  const ids = new Set(events.map(({ event: recorded }) => recorded?.id));
  return { written: events.length - before, duplicates: events.length - ids.size };
}
