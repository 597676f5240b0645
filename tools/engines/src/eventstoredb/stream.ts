import type { StreamState } from './append-rules.ts';
import { dataOf, type LogRecord } from './record.ts';

/** What a metadata record says about which events of its stream are shown. */
type Rules = {
  readonly truncateBefore: number;
  readonly maxCount: number;
  /** ms */
  readonly maxAge: number;
};

/** `$tb` of a soft deleted stream: the greatest int64. */
export const softDeleted = '9223372036854775807';

export const metadataStreamOf = (stream: string): string => `$$${stream}`;
export const isMetadataStream = (stream: string): boolean => stream.startsWith('$$');

/** A stream: its events by revision, and what its metadata says about them. */
export class Stream {
  readonly records: LogRecord[] = [];
  isTombstoned = false;
  #rules: Rules | undefined;
  readonly #limit: number;

  /** @param name of a metadata stream only the last event is shown */
  constructor(readonly name: string) {
    this.#limit = isMetadataStream(name) ? 1 : Infinity;
  }

  get last(): number {
    return this.records.length - 1;
  }

  get isSoftDeleted(): boolean {
    return (this.#rules?.truncateBefore ?? 0) >= Number(softDeleted);
  }

  /** Follows what was appended to the metadata stream. */
  rule(metadata: LogRecord): void {
    const text = parsed(dataOf(metadata));
    this.#rules = {
      truncateBefore: numberIn(text, '$tb') ?? 0,
      maxCount: numberIn(text, '$maxCount') ?? Infinity,
      maxAge: (numberIn(text, '$maxAge') ?? Infinity) * 1_000,
    };
  }

  /** The events a reader is shown of the first `count` records of the log, by revision. */
  shown(count: number): readonly LogRecord[] {
    let end = this.records.length;
    while (end > 0 && (this.records[end - 1]?.index ?? 0) >= count) end -= 1;
    const { truncateBefore = 0, maxCount = Infinity, maxAge = Infinity } = this.#rules ?? {};
    const first = Math.max(truncateBefore, end - Math.min(maxCount, this.#limit));
    const events = this.records.slice(first, end);
    return maxAge === Infinity ? events : events.filter(({ created }) => created + maxAge > Date.now());
  }

  state(remembered: (id: string) => LogRecord | undefined): StreamState {
    return {
      last: this.last,
      hasMetadata: this.#rules !== undefined,
      isSoftDeleted: this.isSoftDeleted,
      isTombstoned: this.isTombstoned,
      idAt: (revision) => this.records[revision]?.id,
      remembered: (id) => {
        const record = remembered(id);
        return record?.stream === this.name ? record.revision : undefined;
      },
    };
  }
}

/** The metadata with another `$tb`, which may be beyond what a JavaScript number can hold; the rest stays as it was. */
export function withTruncateBefore(metadata: LogRecord | undefined, revision: string): string {
  const rest = Object.entries(parsed(metadata === undefined ? '' : dataOf(metadata)))
    .filter(([key]) => key !== '$tb')
    .map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{"$tb":${revision}${rest.join('')}}`;
}

/** Metadata that is no JSON object rules nothing. */
function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function numberIn(metadata: object, key: string): number | undefined {
  const value: unknown = Object.entries(metadata).find(([name]) => name === key)?.[1];
  return typeof value === 'number' ? value : undefined;
}
