/** The smallest of the values that so large a share of them (0 to 1) does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** As people read it: `p50 1.2 p99 8.0 p99.9 12.5`. */
export const quantilesOf = (values: readonly number[], shares: readonly number[] = [0.5, 0.99]): string =>
  shares
    .map((share) => `p${Number((share * 100).toFixed(1))} ${quantile(values, share).toFixed(1)}`)
    .join(' ');
