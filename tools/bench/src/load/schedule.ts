import type { Random } from './random.ts';

/** When the next request is due, in ms since the run's start; rising. */
export type Schedule = () => number;

/**
 * Shoppers who do not know of each other: exponential gaps around the rate.
 *
 * @param rate requests a second
 * @throws {RangeError} the rate is none
 */
export function poisson(rate: number, random: Random): Schedule {
  if (!(rate > 0)) throw new RangeError(`${rate} requests a second are no rate.`);
  let due = 0;
  return () => {
    due += (-Math.log(1 - random()) / rate) * 1000;
    return due;
  };
}
