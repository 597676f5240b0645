import type { ProjectionStatus } from '@cartage/projection';
import type { Readiness } from '@cartage/runtime';

/** ms */
const mostLag = 30_000;
const mostSilence = 10_000;

export type Reporting = {
  readonly name: string;
  readonly failure: Error | undefined;
  status(): ProjectionStatus | undefined;
};

/** Ready when every store is at most 30 s behind and gave a sign of life within 10 s. */
export function readiness(stores: readonly Reporting[], now: number): Readiness {
  const checks = stores.map((store) => [store.name, check(store, now)] as const);
  return { ready: checks.every(([, { ready }]) => ready), checks: { stores: Object.fromEntries(checks) } };
}

function check(store: Reporting, now: number): Partial<ProjectionStatus> & { readonly ready: boolean } {
  const { failure } = store;
  const current = store.status();
  if (failure) return { ...current, ready: false, trouble: failure.message };
  if (!current) return { ready: false, trouble: 'The store could not be opened yet.' };
  const { lagMs, heartbeatAt = -Infinity } = current;
  return { ...current, ready: lagMs <= mostLag && now - heartbeatAt <= mostSilence };
}
