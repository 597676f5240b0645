import type { ProjectionStatus } from '@cartage/projection';

/** How far a rebuild is. */
export type Step = {
  readonly events: number;
  readonly carts: number;
  /** Since the step before. */
  readonly eventsPerSecond: number;
  readonly cartsPerSecond: number;
  readonly written: number;
  readonly skipped: number;
  readonly expired: number;
  readonly parked: number;
  /** Positions to the end of the log. */
  readonly lag: number;
  /** Seconds until the end of the log is reached; null when that cannot be told. */
  readonly eta: number | null;
  readonly megabytes: number;
  /** Events a second at most, to spare a store in trouble, or by choice; absent when nothing holds it back. */
  readonly pace?: number;
  readonly trouble?: string;
};

type Moment = { readonly status: ProjectionStatus; readonly at: number };

/** What happened between two moments (`at` in ms of one clock). */
export function stepBetween(before: Moment, after: Moment, residentBytes: number): Step {
  const { events, begun, written, skipped, expired, parked, lag, pace, trouble } = after.status;
  const seconds = (after.at - before.at) / 1000;
  const rate = (of: (status: ProjectionStatus) => number): number =>
    Math.round((of(after.status) - of(before.status)) / seconds);
  const gained = before.status.lag - lag;
  const eta = lag === 0 ? 0 : gained > 0 ? Math.ceil((lag / gained) * seconds) : null;
  return {
    events,
    carts: begun,
    eventsPerSecond: rate((status) => status.events),
    cartsPerSecond: rate((status) => status.begun),
    written,
    skipped,
    expired,
    parked: parked.length,
    lag,
    eta,
    megabytes: Math.round(residentBytes / 1_048_576),
    ...(pace !== undefined && { pace: Math.round(pace) }),
    ...(trouble !== undefined && { trouble }),
  };
}

export function textOf(step: Step): string {
  const { events, eventsPerSecond, cartsPerSecond, written, expired, parked, lag, eta, pace, trouble } = step;
  const left = lag === 0 ? 'caught up' : `${lag} positions left${eta === null ? '' : `, ${eta} s`}`;
  return [
    `${events} events (${eventsPerSecond}/s, ${cartsPerSecond} carts/s)`,
    `${written} written, ${expired} expired, ${parked} parked`,
    left,
    ...(pace === undefined ? [] : [`at most ${pace} events/s`]),
    ...(trouble === undefined ? [] : [`trouble: ${trouble}`]),
  ].join(', ');
}
