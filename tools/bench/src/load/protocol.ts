import type { Tally } from './tally.ts';
import type { Plan } from './traffic.ts';

/** Traffic for one server. */
export type Job = {
  readonly port: number;
  /** Of the server, whose processor time is taken at the beginning and at the end of the run. */
  readonly pid: number;
  readonly plan: Plan;
  readonly seed: number;
  readonly connections: number;
  readonly milliseconds: number;
  /** Requests a second, whatever is answered; absent: each connection sends as soon as it was answered. */
  readonly rate?: number;
};

/** What the load generator is asked. The shoppers' tokens come first; every job uses them. */
export type Ask =
  { readonly kind: 'shoppers'; readonly tokens: readonly string[] } | ({ readonly kind: 'load' } & Job);

/** In µs; absent where processor time cannot be read. `elsewhere`: of everything but the server and the generator. */
export type CpuTimes = {
  readonly generator: number;
  readonly server?: number;
  readonly elsewhere?: number;
};

export type Loaded = { readonly tally: Tally; readonly cpu: CpuTimes };

export type Reply =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'loaded' } & Loaded)
  | { readonly kind: 'failed'; readonly reason: string };
