import { Problem } from '../problems.ts';

/** Why a request is turned away before it reaches a cart. Part of the public API: codes are added, never renamed. */
export type DenialCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'insufficient_scope'
  | 'issuer_unavailable'
  | 'rate_limited'
  | 'overloaded';

const statusOf: Readonly<Record<DenialCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  insufficient_scope: 403,
  rate_limited: 429,
  issuer_unavailable: 503,
  overloaded: 503,
};

/** The caller may not do this, or not now. Nothing was read or changed. */
export const denied = (
  code: DenialCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Problem => new Problem(statusOf[code], code, detail, { headers });
