import { canonical, type CartView } from '@cartage/cart';
import type { Entry, Stored } from './history.ts';

const widest = 30;

type Column = {
  readonly title: string;
  /** By the name of what it says. */
  readonly cells: ReadonlyMap<string, string>;
  /** What they should be; undefined: nothing tells. */
  readonly wanted?: ReadonlyMap<string, string> | undefined;
};

/**
 * A table of what the log and each store hold, a fact a row. A cell is marked with ≠ where it is not what the log says of the cart
 * at the revision of the store's view, or, where the log no longer tells, what the first store at that revision holds.
 */
export function sideBySide(stored: readonly Stored[], history: readonly Entry[]): string {
  const columns = [logColumn(history), ...stored.map((one) => storeColumn(one, stored, history))];
  const names = [
    ...new Set(columns.flatMap(({ cells, wanted }) => [...cells.keys(), ...(wanted?.keys() ?? [])])),
  ];
  const rows = names.map((name) => [name, ...columns.map((column) => cellText(column, name))]);
  const table = [['', ...columns.map(({ title }) => title)], ...rows];
  const widths = table[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0))) ?? [];
  const lines = table.map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function logColumn(history: readonly Entry[]): Column {
  return { title: 'log', cells: factsOf(history.at(-1)?.view) };
}

function storeColumn(one: Stored, stored: readonly Stored[], history: readonly Entry[]): Column {
  const { store, behind, view } = one;
  const lag = behind === undefined ? 'unreachable' : behind === 0 ? 'level' : `${behind} behind`;
  const folded = history.find(({ revision }) => revision === view?.revision)?.view;
  const peer = stored.find((other) => other.view?.revision === view?.revision)?.view;
  const wanted = view && (folded ?? peer);
  return { title: `${store} (${lag})`, cells: factsOf(view), wanted: wanted && factsOf(wanted) };
}

function cellText({ cells, wanted }: Column, name: string): string {
  const is = cells.get(name);
  const mark = wanted && is !== wanted.get(name) ? '≠ ' : '';
  const text = is ?? '-';
  return mark + (text.length > widest ? `${text.slice(0, widest)}…` : text);
}

/** What {@link canonical} says, a line of the cart by itself. */
function factsOf(view: CartView | undefined): ReadonlyMap<string, string> {
  if (!view) return new Map();
  const { lines, ...facts } = JSON.parse(canonical(view)) as Readonly<Record<string, unknown>>;
  const lineTexts = (lines as CartView['lines']).map(
    ({ lineId, quantity, attributes }, at) =>
      [
        `line ${at + 1}`,
        `${quantity} ${lineId}${attributes ? ` ${JSON.stringify(attributes)}` : ''}`,
      ] as const,
  );
  const others = Object.entries(facts).map(
    ([name, fact]) => [name, typeof fact === 'string' ? fact : JSON.stringify(fact)] as const,
  );
  return new Map([...others, ...lineTexts]);
}
