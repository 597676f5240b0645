import { offPeak } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import type { ProjectionStatus } from './progress.ts';
import { rebuild, type RebuildOptions } from './rebuild.ts';
import type { Setup } from './setup.fixture.ts';
import { type Verified, verify } from './verify.ts';

export const day = 24 * 60 * 60_000;

/** Rebuilds the store up to the end of the log, or what else is told. */
export async function once(s: Setup, options: Partial<RebuildOptions> = {}): Promise<ProjectionStatus> {
  const { events, real: store } = s;
  const all = { events, store, inUse: false, purgeWindow: offPeak, once: true, ...options };
  const projection = await rebuild(all);
  await projection.run(new AbortController().signal);
  return projection.status();
}

export const check = ({ events, real: store }: Setup): Promise<Verified> =>
  verify({ events, store, purgeWindow: offPeak, asOf: Date.now() });

/** The store with something else in the place of one of its methods. */
export function replacing<Name extends keyof ReadStore>(
  real: ReadStore,
  name: Name,
  replacement: ReadStore[Name],
): ReadStore {
  return new Proxy(real, {
    get: (target, asked) => {
      const member: unknown = asked === name ? replacement : Reflect.get(target, asked);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
