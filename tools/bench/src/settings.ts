/** How long and how hard. Durations in ms. */
export type Settings = {
  readonly rounds: number;
  /** One measurement of one side. */
  readonly window: number;
  /** Before the first round of each side. */
  readonly warmUp: number;
  readonly seed: number;
  readonly quick: boolean;
  readonly shoppers: number;
  /** Requests under way at once, in closed loop. */
  readonly connections: number;
};

const connections = 64;

export function settingsOf(quick: boolean, rounds: number, seed: number): Settings {
  return quick
    ? { rounds, seed, quick, connections, shoppers: 1_000, window: 600, warmUp: 1_000 }
    : { rounds, seed, quick, connections, shoppers: 2_000, window: 4_000, warmUp: 4_000 };
}
