/** One figure, measured in several rounds. */
export type Spread = {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** By round. */
  readonly rounds: readonly number[];
};

/** @throws {RangeError} nothing was measured */
export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = [...rounds].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('No round was measured.');
  const upper = sorted[sorted.length >> 1] ?? min;
  const lower = sorted[(sorted.length - 1) >> 1] ?? min;
  return { median: (lower + upper) / 2, min, max, rounds };
}

/**
 * How one side stands to another: both of a round ran within seconds of each other, so that what slows the machine slows both,
 * and the ratio is taken before the median.
 *
 * @throws {RangeError} the sides have not the same rounds
 */
export function ratioOf(side: Spread, other: Spread): Spread {
  if (side.rounds.length !== other.rounds.length) throw new RangeError('Two sides with other rounds.');
  return spreadOf(side.rounds.map((figure, round) => figure / (other.rounds[round] ?? Number.NaN)));
}
