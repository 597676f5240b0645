/** What every store takes, so that a log can move from one to another. */
export const limits = {
  /** A stream's name, in UTF-8. */
  streamBytes: 1_000,
  /** An event's `data`, as JSON in UTF-8; the same for its `metadata`. */
  eventBytes: 1_048_576,
} as const;

/** @throws {RangeError} no name of a stream: empty, over 1,000 bytes, with a NUL, or not valid Unicode */
export function checkStream(stream: string): void {
  if (stream === '') throw new RangeError('A stream needs a name; it was empty.');
  if (/[\0\p{Surrogate}]/u.test(stream)) {
    throw new RangeError('A stream name must not hold a NUL character or half a surrogate pair.');
  }
  const longest = 3; // bytes of UTF-8 per UTF-16 unit
  if (stream.length * longest <= limits.streamBytes) return;
  const bytes = new TextEncoder().encode(stream).length;
  if (bytes > limits.streamBytes) {
    throw new RangeError(`A stream name has at most ${limits.streamBytes} bytes, not ${bytes}.`);
  }
}

/** @throws {RangeError} not a whole number from 0 */
export function checkRevision(what: string, revision: number): void {
  if (!Number.isSafeInteger(revision) || revision < 0) {
    throw new RangeError(`${what} must be a whole number from 0, not ${revision}.`);
  }
}
