import type { CartKind } from './identity.ts';

const day = 24 * 60 * 60 * 1000;

/** What a deployment may decide about carts. Durations in ms; `null` means that a cart never expires. */
export type Rules = {
  readonly maxQuantity: number;
  readonly maxLines: number;
  readonly maxFreeze: number;
  /** How long a cart lives after its last event. */
  readonly lifetime: Readonly<Record<CartKind, number | null>>;
};

export const defaultRules: Rules = {
  maxQuantity: 999,
  maxLines: 100,
  maxFreeze: day,
  lifetime: { guest: 30 * day, customer: 180 * day },
};
