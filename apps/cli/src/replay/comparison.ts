import type { ShownCart } from './answers.ts';
import type { Expectation, ExpectedCart } from './oracle.ts';
import type { Stored } from './stored-views.ts';

/**
 * Everything in which carts differ from what the file means, a sentence each: what the API shows, what each store holds, whether
 * the stores hold the same bytes, and which rows were refused.
 */
export function compare(
  expected: Expectation,
  refusedRows: ReadonlySet<number>,
  shown: ReadonlyMap<string, ShownCart>,
  stored: readonly Stored[],
): readonly string[] {
  const found: string[] = [];
  for (const [name, should] of expected.carts) {
    const cart = shown.get(name);
    if (!cart) {
      found.push(`${name}: the API was never asked for this cart`);
      continue;
    }
    found.push(...differences(name, 'the API', cart, asShown(should)));
    for (const { store, views } of stored) {
      const view = views?.get(cart.id);
      if (view) found.push(...differences(name, `the store ${store}`, view, should));
    }
    found.push(...disagreements(name, cart.id, stored));
  }
  for (const line of expected.refused)
    if (!refusedRows.has(line)) found.push(`line ${line}: accepted, though it is over the limits`);
  for (const line of refusedRows)
    if (!expected.refused.has(line)) found.push(`line ${line}: refused, though nothing is wrong with it`);
  return found;
}

/** Which stores hold other bytes than the first that was compared. */
function disagreements(name: string, id: string, stored: readonly Stored[]): readonly string[] {
  const [first, ...others] = stored.filter(({ views }) => views);
  const bytes = (one: Stored | undefined): string => one?.views?.get(id)?.canonical ?? 'nothing';
  return others
    .filter((other) => bytes(other) !== bytes(first))
    .map((other) => `${name}: ${first?.store} holds ${bytes(first)}, ${other.store} ${bytes(other)}`);
}

/** What the API shows of a cart: one that was merged into another is gone for its shopper. */
const asShown = (expected: ExpectedCart): ExpectedCart =>
  expected.status === 'merged' ? { status: 'none', lines: new Map() } : expected;

function differences(
  name: string,
  side: string,
  found: ShownCart,
  expected: ExpectedCart,
): readonly string[] {
  const facts: [string, string | number | undefined, string | number | undefined][] = [
    ['status', found.status, expected.status],
    ['order', found.orderId, expected.orderId],
  ];
  for (const sku of new Set([...found.lines.keys(), ...expected.lines.keys()]))
    facts.push([`units of ${sku}`, found.lines.get(sku), expected.lines.get(sku)]);
  return facts
    .filter(([, is, should]) => is !== should)
    .map(([what, is = 'none', should = 'none']) => {
      const cart = `${name} (${found.id} at revision ${found.revision})`;
      return `${cart}, ${what}: ${side} says ${is}, the file ${should}`;
    });
}
