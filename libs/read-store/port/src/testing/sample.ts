import {
  type Attributes,
  type CartCommand,
  cartIdOf,
  type CartView,
  customerOwner,
  decide,
  defaultRules,
  emptyView,
  guestOwner,
  type Json,
  project,
  Refused,
  type Rules,
} from '@cartage/cart';

/** Answers a number from 0 to below 1. */
export type Random = () => number;

/** Noon of a day in 2035, ms since the epoch: an engine that expires views by its own clock leaves those of a test alone. */
export const start = Date.UTC(2035, 5, 1, 12);
const minute = 60_000;

export const neverExpiring: Rules = { ...defaultRules, lifetime: { guest: null, customer: null } };

/** A repeatable sequence: mulberry32, T. Ettinger (public domain). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every version of a cart's view, one per event, oldest first: a command a minute, those the cart refuses left out. */
export function versionsOf(
  id: string,
  commands: readonly CartCommand[],
  rules: Rules = defaultRules,
): readonly CartView[] {
  const versions: CartView[] = [];
  let view = emptyView(id);
  for (const [index, command] of commands.entries()) {
    for (const event of accepted(view, command, start + index * minute, rules)) {
      view = project(view, event, view.revision + 1);
      versions.push(view);
    }
  }
  return versions;
}

export function lastOf<T>(items: readonly T[]): T {
  const last = items.at(-1);
  if (last === undefined) throw new Error('There is nothing in the list.');
  return last;
}

/** The last version of {@link versionsOf}. */
export const viewAfter = (id: string, commands: readonly CartCommand[], rules?: Rules): CartView =>
  lastOf(versionsOf(id, commands, rules));

export const add = (sku: string, quantity = 1, attributes?: Attributes): CartCommand => ({
  type: 'AddItem',
  sku,
  quantity,
  ...(attributes && { attributes }),
});

/** Any view the domain can make, of a cart of its own for each index. */
export function randomView(random: Random, index: number): CartView {
  const owner =
    random() < 0.5 ? guestOwner(`${index}`.padStart(22, 'g')) : customerOwner(userId(random, index));
  const id = cartIdOf(owner, pick(random, ['main', 'wish_list', 'B-2', 'x'.repeat(32)]));
  const commands = Array.from({ length: 1 + int(random, 12) }, () => randomCommand(random));
  return viewAfter(id, [add('first'), ...commands], random() < 0.2 ? neverExpiring : defaultRules);
}

export function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  const drawn = items.map((item) => ({ item, order: random() }));
  return drawn.sort((a, b) => a.order - b.order).map(({ item }) => item);
}

export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

export const int = (random: Random, below: number): number => Math.floor(random() * below);

const pick = <T>(random: Random, choices: readonly T[]): T => choices[int(random, choices.length)] as T;

const userId = (random: Random, index: number): string =>
  `${index}${pick(random, ['', ' with space', '~', '/a', '%', 'Ünïcode', '買い物', '🛒', "'"])}`;

function accepted(
  view: CartView,
  command: CartCommand,
  now: number,
  rules: Rules,
): ReturnType<typeof decide> {
  try {
    return decide(view, command, { now, revision: view.revision, rules });
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

function randomCommand(random: Random): CartCommand {
  const sku = pick(random, ['shirt', 'a.b-c_d', 'S'.repeat(64), '85123A']);
  const quantity = 1 + int(random, 99);
  const id = `${int(random, 1000)}-é`;
  const into = 'u~42~main';
  return pick<CartCommand>(random, [
    add(sku, quantity),
    add(sku, quantity, randomAttributes(random)),
    add(sku, quantity, randomAttributes(random)),
    { type: 'ChangeQuantity', lineId: sku, quantity },
    { type: 'RemoveItem', lineId: 'first' },
    { type: 'ClearCart' },
    { type: 'LinkSession', sessionId: id },
    { type: 'Freeze', until: start + 60 * minute },
    { type: 'Unfreeze' },
    { type: 'CheckOut', orderId: id },
    { type: 'SealGuest', mergeId: id, into },
    { type: 'MergeGuest', mergeId: id, from: into, lines: [{ lineId: sku, sku, quantity }], policy: 'max' },
    { type: 'Erase' },
  ]);
}

function randomAttributes(random: Random): Attributes {
  const keys = ['size', 'Farbe_2', 'a-b', 'prototype', '0'].filter(() => random() < 0.5);
  return Object.fromEntries(keys.map((key) => [key, randomJson(random, 2)]));
}

const texts = [
  '',
  'XL',
  'Größe "48"',
  '\\ \n\t',
  '日本語',
  '👩‍👩‍👧 e\u0301',
  '\u2028',
  '$5',
  'null',
  '2035-06-01T00:00:00Z',
];
const leaves: readonly Json[] = [...texts, 0, -1.5, 0.1, 1e21, Number.MAX_SAFE_INTEGER, true, false, null];

function randomJson(random: Random, depth: number): Json {
  const leaf = pick(random, leaves);
  if (depth === 0 || random() < 0.6) return leaf;
  const inner = Array.from({ length: int(random, 4) }, () => randomJson(random, depth - 1));
  return random() < 0.5 ? inner : Object.fromEntries(inner.map((value, index) => [`key${index}`, value]));
}
