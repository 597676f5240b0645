import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CartEvent, offPeak, streamOf } from '@cartage/cart';
import { given, noon } from '@cartage/cart/testing';
import type { EventStore } from '@cartage/event-store';
import { openEventStore } from '@cartage/runtime';
import { compareView, historyOf } from './history.ts';
import { historyText, storedText } from './text.ts';

const id = 'u~42~main';
const full = given(
  id,
  { type: 'AddItem', sku: 'mug', quantity: 2 },
  { type: 'AddItem', sku: 'cup', quantity: 1 },
);

/** A log with these events in the cart's stream. */
async function withLog(
  events: readonly { type: string; data: object }[],
  use: (log: EventStore) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-history-'));
  try {
    const log = await openEventStore({ name: 'log', url: `embedded:${folder}` });
    const stored = events.map((event) => ({ ...event, id: crypto.randomUUID(), metadata: {} }));
    try {
      if (stored.length > 0) await log.append(streamOf(id), stored, 'none');
      await use(log);
    } finally {
      await log.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const foreign = { type: 'CartPainted', data: { colour: 'red' } };

test('shows the cart after each event', () =>
  withLog(full.events, async (log) => {
    const history = await historyOf(log, id, offPeak);
    expect(history.map(({ revision, type, view }) => [revision, type, view?.itemCount])).toEqual([
      [0, 'CartOpened', 0],
      [1, 'ItemAdded', 2],
      [2, 'ItemAdded', 3],
    ]);
    expect(history.at(-1)?.view).toEqual(full.view);
  }));

test('shows what it cannot read, and folds no further', () =>
  withLog([...full.events.slice(0, 2), foreign, ...full.events.slice(2)], async (log) => {
    const history = await historyOf(log, id, offPeak);
    expect(history.map(({ type, problem }) => [type, problem])).toEqual([
      ['CartOpened', undefined],
      ['ItemAdded', undefined],
      ['CartPainted', '"CartPainted" is no cart event of this version.'],
      ['ItemAdded', 'not folded: an event before it cannot be read'],
    ]);
    expect(history[2]?.data).toEqual({ colour: 'red' });
    expect(historyText('s', history, false)).toContain('UNREADABLE "CartPainted" is no cart event');
  }));

test('a cart nobody ever touched has no history', () =>
  withLog([], async (log) => expect(await historyOf(log, id, offPeak)).toEqual([])));

test('compares a view with the log at the revision of the view', () =>
  withLog(full.events, async (log) => {
    const history = await historyOf(log, id, offPeak);
    const earlier = given(id, { type: 'AddItem', sku: 'mug', quantity: 2 }).view;
    expect(compareView('a', full.view, history)).toMatchObject({ state: 'equal', behind: 0 });
    expect(compareView('a', earlier, history)).toMatchObject({ state: 'equal', behind: 1 });
    expect(compareView('a', { ...earlier, itemCount: 9 }, history)).toMatchObject({
      state: 'different',
      behind: 1,
    });
    expect(compareView('a', undefined, history)).toEqual({ store: 'a', state: 'missing', behind: 3 });
    expect(compareView('a', { ...full.view, revision: 7 }, history)).toMatchObject({
      state: 'different',
      behind: 0,
    });
  }));

test('what purgeAt and writeTime depend on makes no difference', () =>
  withLog(full.events, async (log) => {
    const history = await historyOf(log, id, { start: 0, length: 1 });
    expect(compareView('a', full.view, history).state).toBe('equal');
  }));

test('prints an event and the cart after it, whole or cut to what matters', () =>
  withLog(full.events, async (log) => {
    const history = await historyOf(log, id, offPeak);
    const compact = historyText('cart-1.u~42~main', history, false);
    expect(compact).toContain('cart-1.u~42~main: 3 events');
    expect(compact).toContain('ItemAdded {"line":{"lineId":"mug","sku":"mug","quantity":2},"added":2}');
    expect(compact).toContain('= open, 2 lines, 3 units: 2 mug, 1 cup');
    expect(compact).not.toContain(`${noon}`);
    expect(historyText('s', history, true)).toContain(`"at": ${noon}`);
  }));

test('prints both sides of a difference', () =>
  withLog(full.events as CartEvent[], async (log) => {
    const history = await historyOf(log, id, offPeak);
    const wrong = compareView('views', { ...full.view, itemCount: 9 }, history);
    expect(storedText([wrong], history).split('\n')).toEqual([
      'views: revision 2, level with the log, DIFFERENT from the log',
      expect.stringContaining('"itemCount":3'),
      expect.stringContaining('"itemCount":9'),
      '',
    ]);
  }));
