import { pause } from '@cartage/projection';

export type Clock = {
  /** ms since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`, or as soon as the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

export const systemClock: Clock = { now: Date.now, pause };
