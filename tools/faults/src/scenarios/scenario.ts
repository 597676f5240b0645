import type { Random } from '../random.ts';

export type Defer = (cleanUp: () => Promise<void>) => void;

/** What a scenario is given. */
export type Run = {
  readonly random: Random;
  /** How often the fault is made. */
  readonly rounds: number;
  /** Whether faults that last are to be over soon. */
  readonly isShort: boolean;
  /** An empty folder of its own. */
  readonly folder: string;
  /** What is replayed. */
  readonly file: string;
  /** What is handed in is done when the run is over, whatever happened; the last first. */
  readonly defer: Defer;
  /** To be called when a round is over. */
  readonly onRound: (done: number, of: number) => void;
};

/** What came of it: it held when there are no differences. */
export type Outcome = {
  readonly facts: Readonly<Record<string, number | string>>;
  readonly differences: readonly string[];
};

export type Scenario = {
  readonly name: string;
  /** What it does, in a line. */
  readonly title: string;
  /** How often the fault is made, unless told otherwise. */
  readonly rounds: { readonly short: number; readonly long: number };
  /** The longest it may take, ms. */
  readonly limit: (rounds: number) => number;
  /** What is missing on this machine to run it, and how to get it; undefined when nothing is. */
  readonly lack?: () => Promise<string | undefined>;
  readonly run: (run: Run) => Promise<Outcome>;
};
