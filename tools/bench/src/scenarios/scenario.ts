import type { Processes } from '../processes.ts';
import type { Progress } from '../progress.ts';
import type { Result } from '../report/result.ts';
import type { Settings } from '../settings.ts';

/** What a scenario works with. Its processes are ended and its folder removed when it is over. */
export type Bench = {
  readonly settings: Settings;
  readonly processes: Processes;
  /** An empty folder on the disk that is measured. */
  readonly folder: string;
  readonly progress: Progress;
};

export type Scenario = {
  readonly name: string;
  /** One line for --help. */
  readonly title: string;
  /** How long it will take, ms. */
  readonly estimate: (settings: Settings) => number;
  readonly run: (bench: Bench) => Promise<Result>;
};

/**
 * A B C, A B C, …: what changes about the machine while a bench runs befalls all sides alike.
 *
 * @returns by side, what was measured in each round
 */
export async function interleaved<Side, Measured>(
  { settings: { rounds, window }, progress }: Bench,
  sides: readonly { readonly name: string; readonly side: Side }[],
  measure: (side: Side, round: number) => Promise<Measured>,
): Promise<Map<Side, Measured[]>> {
  const measured = new Map<Side, Measured[]>(sides.map(({ side }) => [side, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name, side } of sides)
      measured
        .get(side)
        ?.push(
          await progress.during(`round ${round + 1} of ${rounds}, ${name}`, window, () =>
            measure(side, round),
          ),
        );
  return measured;
}
