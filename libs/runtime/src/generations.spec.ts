import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@cartage/event-store';
import {
  generationInUse,
  generationsOf,
  recordGeneration,
  storesInUse,
  withGeneration,
} from './generations.ts';
import { openEventStore } from './stores.ts';

const store = { name: 'views', url: 'embedded:./views' };

/** Lends an empty log. */
const inLog = (work: (events: EventStore) => Promise<void>) => async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-generations-'));
  const events = await openEventStore({ name: 'log', url: `embedded:${folder}` });
  try {
    await work(events);
  } finally {
    await events.close();
    await rm(folder, { recursive: true });
  }
};

it(
  'begins with the first generation',
  inLog(async (events) => {
    expect(await generationsOf(events, 'views')).toEqual({ chosen: 'v1', known: ['v1'] });
    expect(await storesInUse(events, [store])).toEqual([
      { name: 'views', url: 'embedded:./views?generation=v1' },
    ]);
  }),
);

it(
  'knows what was started, chosen and dropped, of each store by itself',
  inLog(async (events) => {
    await recordGeneration(events, 'GenerationStarted', 'views', 'v2');
    await recordGeneration(events, 'GenerationStarted', 'other', 'v7');
    expect(await generationsOf(events, 'views')).toEqual({ chosen: 'v1', known: ['v1', 'v2'] });
    await recordGeneration(events, 'GenerationChosen', 'views', 'v2');
    await recordGeneration(events, 'GenerationDropped', 'views', 'v1');
    expect(await generationsOf(events, 'views')).toEqual({ chosen: 'v2', known: ['v2'] });
    expect(await generationsOf(events, 'other')).toEqual({ chosen: 'v1', known: ['v1', 'v7'] });
    expect(await generationInUse(events, store)).toBe('v2');
  }),
);

it(
  'leaves a generation alone that the URL names',
  inLog(async (events) => {
    await recordGeneration(events, 'GenerationChosen', 'views', 'v2');
    expect(await generationInUse(events, { ...store, url: 'embedded:./views?generation=v3' })).toBe('v3');
  }),
);

it(
  'passes over what it does not understand',
  inLog(async (events) => {
    const event = (type: string, data: object) => ({ id: crypto.randomUUID(), type, data, metadata: {} });
    const strange = [
      event('GenerationChosen', { store: 'views', generation: 'no name' }),
      event('GenerationChosen', { store: 'views' }),
      event('Announced', { store: 'views', generation: 'v2' }),
    ];
    await events.append('operations', strange, 'none');
    expect(await generationsOf(events, 'views')).toEqual({ chosen: 'v1', known: ['v1'] });
  }),
);

it(
  'loses no decision when several are made at once',
  inLog(async (events) => {
    const names = ['v2', 'v3', 'v4'];
    await Promise.all(names.map((name) => recordGeneration(events, 'GenerationStarted', 'views', name)));
    expect([...(await generationsOf(events, 'views')).known].sort()).toEqual(['v1', ...names]);
  }),
);

it.each([
  ['embedded:./views', 'embedded:./views?generation=v2'],
  ['embedded:./views?generation=v1', 'embedded:./views?generation=v2'],
  ['x://a,b:1/c?generation=v1&dc=d', 'x://a,b:1/c?dc=d&generation=v2'],
  ['x://a/c?dc=d&generation=v1', 'x://a/c?dc=d&generation=v2'],
  ['x://a/c?dc=d&generation=v1&x=y', 'x://a/c?dc=d&x=y&generation=v2'],
])('names the generation in %s', (url, expected) => {
  expect(withGeneration({ name: 'views', url }, 'v2').url).toBe(expected);
});

it('refuses what is no generation', () => {
  expect(() => withGeneration(store, 'no name')).toThrow(/"no name" is no generation/);
});
