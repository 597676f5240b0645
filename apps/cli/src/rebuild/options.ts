import type { BucketRange } from '@cartage/read-store';
import type { Until } from '@cartage/projection';
import { parseBuckets } from '@cartage/runtime';
import { InvalidArgumentError } from 'commander';

export type Options = {
  readonly generation: string;
  readonly until?: Until;
  readonly buckets?: BucketRange;
  readonly rate?: number;
  readonly verify?: true;
  readonly once?: true;
  readonly json?: true;
};

/** A position of the log, or a time in ISO 8601. */
export function parseUntil(text: string): Until {
  if (/^\d{1,19}$/.test(text)) return { position: BigInt(text) };
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('Give a position of the log, or a time such as 2026-11-26T14:03:00Z.');
  return { time };
}

export function parseRange(text: string): BucketRange {
  const range = parseBuckets(text);
  if (!range) throw new InvalidArgumentError('Give a range of buckets from 0-0 to 0-9999, such as 0-4999.');
  return range;
}

export function parseRate(text: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('Give a whole number of events a second.');
  return Number(text);
}
