import { isIP } from 'node:net';
import { bucketCount, type PurgeWindow } from '@cartage/cart';
import type { BucketRange } from '@cartage/read-store';

const minute = 60 * 1000;
const day = 24 * 60 * minute;

export type GuestKey = { readonly id: string; readonly secret: string };

/** An IP address, or a range in CIDR notation (RFC 4632). */
export function isAddressRange(range: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return Number(bits ?? 0) <= longest;
}

/** `02:00-05:00`, UTC; over midnight where the end is before the start. */
export function parseWindow(span: string): PurgeWindow {
  const [from = 0, to = 0] = span.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return (hours * 60 + minutes) * minute;
  });
  return { start: from, length: from === to ? 0 : (to - from + day) % day };
}

/** `0-4999`, both ends included; undefined when it is no range of buckets. */
export function parseBuckets(text: string): BucketRange | undefined {
  const [, from, to] = /^(\d{1,4})-(\d{1,4})$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return range.from <= range.to && range.to < bucketCount ? range : undefined;
}

/** `id:secret,id:secret`. */
export function parseKeys(keys: string): readonly GuestKey[] {
  return keys.split(',').map((key) => {
    const end = key.indexOf(':');
    return { id: key.slice(0, end), secret: key.slice(end + 1) };
  });
}
