import type { Settings } from '../settings.ts';
import type { Spread } from '../statistics.ts';

/** One side of a comparison. */
export type Side = {
  readonly name: string;
  /** Whether it is Cartage or a part of it. */
  readonly ours: boolean;
  /** Operations a second. */
  readonly rate: Spread;
  /** Processor time of the measured process, µs per operation; absent where it cannot be read. */
  readonly cpu?: Spread;
  /** Mean size of an answer's body. */
  readonly bodyBytes?: number;
  /** Requests sent for one operation, and bytes sent and received. */
  readonly calls?: number;
  readonly bytes?: number;
  /** How many processors the load generator kept busy: near 1, it was the limit and not the server. */
  readonly generator?: Spread;
  /** How many processors were busy with neither: what else ran on the machine. */
  readonly elsewhere?: Spread;
};

/** One figure a scenario is about. */
export type Figure = {
  readonly name: string;
  readonly unit: '' | 'ms' | 'MiB';
  readonly value: Spread;
  readonly target?: Target;
};

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** An open loop at one rate. Latencies in ms, from the intended send time. */
export type Level = {
  /** The name of the server's side. */
  readonly server: string;
  /** Of that server's capacity, 0 to 1. */
  readonly share: number;
  /** Requests a second that were due, and that were answered. */
  readonly offered: number;
  readonly rate: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  readonly p999: Spread;
  readonly max: Spread;
  /** Of these latencies, the generator's own part. */
  readonly sentLate: Spread;
  /** Processor time of the server, µs a request; absent where it cannot be read. */
  readonly cpu?: Spread;
  /** How many processors were busy with neither the API nor the generator: the projector, and what else ran. */
  readonly elsewhere?: Spread;
  readonly unanswered: number;
  /** Answered, but with no status of success: shed by the server. They count in the latencies. */
  readonly refused: number;
};

/** A long run at one moment of it: rates and latencies of the stretch before, memory and delay at its end. */
export type Sample = {
  readonly minutes: number;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Processor time of the API, µs a request. */
  readonly cpu: number;
  /** Latencies of a server that does nothing, at half of its capacity, just before: how the machine was. */
  readonly controlP50: number;
  readonly controlP99: number;
  /** Resident memory of the API that is no mapped file, MiB. */
  readonly megabytes: number;
  /** 99th percentile of the event loop's delay, ms. */
  readonly eventLoop: number;
};

export type Result = {
  readonly scenario: string;
  /** What was measured and how, for somebody who sees the figures only. */
  readonly about: string;
  readonly unit: string;
  readonly sides: readonly Side[];
  readonly figures: readonly Figure[];
  readonly levels?: readonly Level[];
  readonly samples?: readonly Sample[];
};

/** A scenario that came to no result. */
export type Failure = { readonly scenario: string; readonly reason: string };

export type Report = {
  readonly at: string;
  readonly settings: Settings;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
  readonly failures: readonly Failure[];
};

export const isMet = ({ target, value }: Figure): boolean | undefined => {
  if (!target) return undefined;
  return 'atLeast' in target ? value.median >= target.atLeast : value.median <= target.atMost;
};
