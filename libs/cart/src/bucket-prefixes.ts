import { bucketCount } from './identity.ts';

/**
 * The fewest prefixes of stream names that cover the carts in these buckets, both ends included, and no others: `0-4999` is
 * `cart-0` … `cart-4`, `7-7` is `cart-0007.`, all buckets are `cart-`. No range needs more than 62 (`1-9998` does), which is few
 * enough to have the log itself leave out the others: nothing is left for the reader to sort out. No two of them overlap.
 *
 * @throws {RangeError} it is no range within 0 to 9,999
 */
export function streamPrefixes({ from, to }: { readonly from: number; readonly to: number }): string[] {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to >= bucketCount)
    throw new RangeError(`${from}-${to} is no range of buckets: it must lie within 0-${bucketCount - 1}.`);
  return cover({ from, to }, 'cart-', 0, bucketCount);
}

/** `stem` is what the names of the `size` buckets from `first` on have in common. */
function cover(
  range: { readonly from: number; readonly to: number },
  stem: string,
  first: number,
  size: number,
): string[] {
  const last = first + size - 1;
  if (last < range.from || first > range.to) return [];
  if (range.from <= first && last <= range.to) return [size === 1 ? `${stem}.` : stem];
  const part = size / 10;
  return Array.from({ length: 10 }, (_, digit) =>
    cover(range, `${stem}${digit}`, first + digit * part, part),
  ).flat();
}
