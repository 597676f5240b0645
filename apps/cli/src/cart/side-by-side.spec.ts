import { type CartView } from '@cartage/cart';
import { given } from '@cartage/cart/testing';
import { compareStores, compareView, type Entry, type Stored } from './history.ts';
import { sideBySide } from './side-by-side.ts';

const id = 'u~42~main';
const mug = { type: 'AddItem', sku: 'mug', quantity: 2 } as const;
const [earlier, now] = [
  given(id, mug).view,
  given(id, mug, { type: 'AddItem', sku: 'cup', quantity: 1 }).view,
];

const entry = (view: CartView): Entry => ({
  revision: view.revision,
  type: 'ItemAdded',
  recordedAt: 0,
  data: {},
  view,
});
const history = [entry(earlier), entry(now)];
const stored = (...views: (CartView | undefined)[]): readonly Stored[] =>
  compareStores(views.map((view, at) => compareView('abc'.charAt(at), view, history)));

/** The cells of the row of this name. */
const row = (table: string, name: string): readonly string[] =>
  table
    .split('\n')
    .filter((line) => line.startsWith(name))
    .flatMap((line) => line.slice(name.length).trim().split(/ {2,}/));

test('shows what the log and each store hold, and how far each is behind', () => {
  const table = sideBySide(stored(now, earlier, undefined), history);
  expect(row(table, '      ')).toEqual(['log', 'a (level)', 'b (1 behind)', 'c (3 behind)']);
  expect(row(table, 'revision')).toEqual(['2', '2', '1', '-']);
  expect(row(table, 'line 1')).toEqual(['2 mug', '2 mug', '2 mug', '-']);
  expect(row(table, 'line 2')).toEqual(['1 cup', '1 cup', '-', '-']);
  expect(table).not.toContain('≠');
});

test('marks what is not as in the log at the revision of the view, and nothing else', () => {
  const [first, ...others] = now.lines;
  const wrong = {
    ...now,
    lines: [{ ...first, quantity: 9 } as (typeof now.lines)[0], ...others],
    orderId: '7',
  };
  const table = sideBySide(stored(wrong, now), history);
  expect(row(table, 'line 1')).toEqual(['2 mug', '≠ 9 mug', '2 mug']);
  expect(row(table, 'orderId')).toEqual(['-', '≠ 7', '-']);
  expect(table.match(/≠/g)).toHaveLength(2);
});

test('marks a line that is missing', () => {
  const table = sideBySide(stored({ ...now, lines: now.lines.slice(0, 1) }), history);
  expect(row(table, 'line 2')).toEqual(['1 cup', '≠ -']);
});

test('stores that differ at one revision are a difference also where the log cannot tell which is right', () => {
  const { view: _, ...unfolded } = entry(now);
  const [a, b, c] = ['a', 'b', 'c'].map((name, at) =>
    compareView(name, { ...now, itemCount: at === 1 ? 9 : 3 }, [unfolded]),
  );
  if (!a || !b || !c) throw new Error('three views');
  expect([a, b, c].map(({ state }) => state)).toEqual(['uncertain', 'uncertain', 'uncertain']);
  expect(compareStores([a, b]).map(({ state, reason }) => [state, reason])).toEqual([
    ['different', 'b holds something else'],
    ['different', 'a holds something else'],
  ]);
  expect(compareStores([a, c]).map(({ state }) => state)).toEqual(['uncertain', 'uncertain']);
});

test('says that a store is out of reach', () => {
  const away: Stored = { store: 'b', state: 'unreachable', reason: 'refused' };
  const table = sideBySide([...stored(now), away], history);
  expect(row(table, '      ')).toEqual(['log', 'a (level)', 'b (unreachable)']);
  expect(row(table, 'revision')).toEqual(['2', '2', '-']);
});
