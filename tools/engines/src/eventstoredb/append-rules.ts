/** What a writer believes about a stream, in EventStoreDB's terms. */
export type Expected = number | 'no_stream' | 'any' | 'stream_exists';

/** A stream as an append finds it. */
export type StreamState = {
  /** The last revision ever written, −1 when none was: soft deletes and truncation do not change it. */
  readonly last: number;
  readonly hasMetadata: boolean;
  readonly isSoftDeleted: boolean;
  readonly isTombstoned: boolean;
  readonly idAt: (revision: number) => string | undefined;
  /** Where the id was written, as far as the server's memory goes. */
  readonly remembered: (id: string) => number | undefined;
};

export type Verdict =
  | { readonly kind: 'write' }
  /** The append has already happened; `revision` is that of its last event. */
  | { readonly kind: 'already'; readonly revision: number }
  | { readonly kind: 'wrong-version' }
  | { readonly kind: 'deleted' };

const write = { kind: 'write' } as const;
const wrongVersion = { kind: 'wrong-version' } as const;
const deleted = { kind: 'deleted' } as const;

/** How EventStoreDB 23.10.7 was measured to answer an append of events with these ids. */
export function judge(stream: StreamState, ids: readonly string[], expected: Expected): Verdict {
  if (stream.isTombstoned) return deleted;
  if (expected === 'stream_exists') {
    if (stream.last < 0 && !stream.hasMetadata) return wrongVersion;
    if (stream.isSoftDeleted) return deleted;
  }
  return typeof expected === 'number' || expected === 'no_stream'
    ? judgeExact(stream, ids, expected)
    : judgeByMemory(stream, ids);
}

/** Order and gaps are not looked at: only the first id decides whether all are new. */
function judgeByMemory(stream: StreamState, ids: readonly string[]): Verdict {
  const known = ids.map((id) => stream.remembered(id));
  if (known[0] === undefined) return write;
  const last = known.at(-1);
  return known.includes(undefined) || last === undefined ? wrongVersion : { kind: 'already', revision: last };
}

function judgeExact(stream: StreamState, ids: readonly string[], expected: number | 'no_stream'): Verdict {
  const revision = expected === 'no_stream' ? -1 : expected;
  // At the very tip ids are not looked at.
  if (revision === stream.last) return write;
  if (revision > stream.last) return wrongVersion;
  const isNewLife = expected === 'no_stream' && stream.isSoftDeleted;
  if (isNewLife && ids.length > 0 && ids[0] !== stream.idAt(0)) return write;
  const isRepeated = ids.length > 0 && ids.every((id, index) => stream.idAt(revision + 1 + index) === id);
  return isRepeated ? { kind: 'already', revision: revision + ids.length } : wrongVersion;
}
