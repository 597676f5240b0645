import { findLine, type Line, lineOf, withLine } from './line.ts';
import type { Rules } from './rules.ts';

export type MergePolicy = 'max' | 'sum' | 'keepCustomer' | 'keepGuest';
export const mergePolicies: readonly MergePolicy[] = ['max', 'sum', 'keepCustomer', 'keepGuest'];

export type DropReason = 'line_limit' | 'quantity_limit' | 'policy';
/** Units of a line that did not make it into the merged cart. */
export type Dropped = { readonly line: Line; readonly quantity: number; readonly why: DropReason };
export type Merged = { readonly lines: readonly Line[]; readonly dropped: readonly Dropped[] };
export type Limits = Pick<Rules, 'maxQuantity' | 'maxLines'>;

/**
 * The lines of a customer's cart after a guest's were merged into it. Limits trim, and what they trim is reported: a merge
 * never fails.
 *
 * - `max`: every article of both, the higher quantity of the two. Repeating it changes nothing.
 * - `sum`: every article of both, quantities added.
 * - `keepCustomer` / `keepGuest`: the lines of one side, the other's are reported as dropped.
 */
export function mergeLines(
  policy: MergePolicy,
  customer: readonly Line[],
  guest: readonly Line[],
  limits: Limits,
): Merged {
  switch (policy) {
    case 'max':
      return combine(customer, guest, limits, Math.max);
    case 'sum':
      return combine(customer, guest, limits, (held, added) => held + added);
    case 'keepCustomer':
      return { lines: customer, dropped: guest.map(byPolicy) };
    case 'keepGuest': {
      const taken = combine([], guest, limits, Math.max);
      return { lines: taken.lines, dropped: [...customer.map(byPolicy), ...taken.dropped] };
    }
  }
}

function combine(
  customer: readonly Line[],
  guest: readonly Line[],
  { maxQuantity, maxLines }: Limits,
  wanted: (held: number, added: number) => number,
): Merged {
  let lines = customer;
  const dropped: Dropped[] = [];
  for (const line of guest) {
    const held = findLine(lines, line)?.quantity ?? 0;
    if (held === 0 && lines.length >= maxLines) {
      dropped.push({ line, quantity: line.quantity, why: 'line_limit' });
      continue;
    }
    const full = wanted(held, line.quantity);
    const quantity = Math.max(held, Math.min(full, maxQuantity));
    if (quantity < full) dropped.push({ line, quantity: full - quantity, why: 'quantity_limit' });
    lines = withLine(lines, lineOf(lines, line, quantity));
  }
  return { lines, dropped };
}

const byPolicy = (line: Line): Dropped => ({ line, quantity: line.quantity, why: 'policy' });
