import { type EventStore, type Expected, hasCode, type NewEvent } from '../index.ts';
import truth from './append-truth.json' with { type: 'json' };
import { event, freshName, type Open, revisionsOf, withStore } from './scene.ts';

/** What a real EventStoreDB answered to an append; the fields are explained in the data. */
type Row = {
  readonly state: string;
  readonly ids: readonly (number | string)[];
  readonly expected: number | string;
  readonly next?: number;
  readonly actual?: number | string;
  readonly visible?: readonly number[] | string;
};

const rows: readonly Row[] = truth.cases;

// Not promised by the port, and left out: `any` and `stream_exists`, empty appends, streams with metadata only, soft deletes
// and tombstones.
const promisedStates = ['absent', '5-events', '5-events+3-more', 'tb=3', 'tb=99'];

export function appendTruthContract(open: Open): void {
  it.each(promisedStates)(
    'answers like the real server when the stream is %s',
    (state) =>
      withStore(open, async (store) => {
        const promised = rows.filter((row) => row.state === state && isPromised(row));
        expect(promised.length).toBeGreaterThan(3);
        const answers = await Promise.all(promised.map((row) => answerOf(store, row)));
        expect(answers).toEqual(promised.map((row) => ({ row: describeRow(row), ...answerIn(row) })));
      })(),
    30_000,
  );
}

const isPromised = ({ ids, expected }: Row): boolean =>
  ids.length > 0 && (typeof expected === 'number' || expected === 'no_stream');

const describeRow = ({ state, ids, expected }: Row): string =>
  `${state}: append [${ids.join(', ')}] at ${expected}`;

const answerIn = ({ next, actual, visible }: Row): object => ({
  ...(next === undefined ? { conflictAt: actual === 'no_stream' ? -1 : actual } : { revision: next }),
  visible: visible === 'notfound' ? [] : visible,
});

async function answerOf(store: EventStore, row: Row): Promise<object> {
  const stream = freshName();
  const before = Array.from({ length: 8 }, () => event());
  await bringTo(row.state, store, stream, before);
  const twice = event();
  const given = row.ids.map((id) =>
    typeof id === 'number' ? { ...event(), id: before[id]?.id ?? '' } : id === 'newA' ? twice : event(),
  );
  const expected: Expected = typeof row.expected === 'number' ? row.expected : 'none';
  const answer = await store.append(stream, given, expected).then(
    ({ revision }) => ({ revision }),
    (error: unknown) => {
      if (hasCode(error, 'revision_conflict') && 'actual' in error) return { conflictAt: error.actual };
      throw error;
    },
  );
  return { row: describeRow(row), ...answer, visible: await revisionsOf(store, stream) };
}

async function bringTo(
  state: string,
  store: EventStore,
  stream: string,
  before: readonly NewEvent[],
): Promise<void> {
  if (state === 'absent') return;
  await store.append(stream, before.slice(0, 1), 'none');
  await store.append(stream, before.slice(1, 3), 0);
  await store.append(stream, before.slice(3, 5), 2);
  if (state === '5-events+3-more') await store.append(stream, before.slice(5), 4);
  if (state === 'tb=3') await store.truncate(stream, 3);
  if (state === 'tb=99') await store.truncate(stream, 99);
}
