import type { Result } from './faults.ts';

const shownAtMost = 20;

/** A result as a text for people. */
export function textOf({ scenario, seed, seconds, facts, differences }: Result): string {
  const more = differences.length - shownAtMost;
  return [
    `${scenario} (seed ${seed}, ${seconds} s): ${differences.length} differences`,
    `  ${Object.entries(facts)
      .map(([what, value]) => `${what} ${value}`)
      .join(', ')}`,
    ...differences.slice(0, shownAtMost).map((difference) => `  ${difference}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    '',
  ].join('\n');
}
