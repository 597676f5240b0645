import type { ProjectionStatus } from '@cartage/projection';
import type { Readiness } from '@cartage/runtime';

/** ms */
const mostLag = 30_000;
const mostSilence = 10_000;

export type Reporting = {
  readonly name: string;
  readonly failure: Error | undefined;
  /** What keeps it from being opened; undefined when nothing does. */
  readonly trouble: string | undefined;
  status(): ProjectionStatus | undefined;
};

/**
 * A store is well when it is at most 30 s behind and gave a sign of life within 10 s. Degraded while one of several is not: the
 * others are kept on. Not ready when none is.
 */
export function readiness(stores: readonly Reporting[], now: number): Readiness {
  const checks = stores.map((store) => [store.name, check(store, now)] as const);
  const well = checks.filter(([, { ready }]) => ready).length;
  const status = well === stores.length ? 'ok' : well > 0 ? 'degraded' : 'unready';
  return { status, checks: { stores: Object.fromEntries(checks) } };
}

function check(store: Reporting, now: number): Partial<ProjectionStatus> & { readonly ready: boolean } {
  const { failure } = store;
  const current = store.status();
  if (failure) return { ...current, ready: false, trouble: failure.message };
  if (!current) return { ready: false, trouble: store.trouble ?? 'The store is being opened.' };
  const { lagMs, heartbeatAt = -Infinity } = current;
  return { ...current, ready: lagMs <= mostLag && now - heartbeatAt <= mostSilence };
}
