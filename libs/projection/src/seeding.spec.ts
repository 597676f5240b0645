import { emptyView, streamOf } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import type { MovedCart } from './folding.ts';
import { Seeding } from './seeding.ts';
import { ann, bob, lending, type Setup } from './setup.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);
const asOf = 1_000;

const into = ({ store }: Setup, isEmpty: boolean): Seeding =>
  new Seeding({ store, mode: 'fresh', asOf, isEmpty, onDone: async () => {} });

/** The cart as a window may hold it, of which the revision before was known. */
async function moved(s: Setup, id: string, known: number, purgeAt: number): Promise<MovedCart> {
  await s.add(id);
  const view = { ...(await s.view(id)), purgeAt };
  return { id, view, known: { ...emptyView(id), revision: known }, waiting: [], position: 0n };
}

const idsOf = async (seeding: Seeding, ...carts: readonly MovedCart[]): Promise<readonly string[]> =>
  (await seeding.rest(carts)).map(({ id }) => id);

it(
  'leaves out what may be purged, and asks an empty store for none that began in this window or was left out of the last',
  setup(async (s) => {
    const seeding = into(s, true);
    expect(await idsOf(seeding, await moved(s, ann, -1, asOf), await moved(s, bob, -1, asOf + 1))).toEqual([
      bob,
    ]);
    expect(await idsOf(seeding, await moved(s, ann, 1, asOf))).toEqual([]);
    expect(s.count('getMany')).toBe(0);
  }),
);

it(
  'writes a cart that was written before and may be purged now',
  setup(async (s) => {
    const seeding = into(s, true);
    const alive = await moved(s, ann, -1, asOf + 1);
    expect(await idsOf(seeding, alive)).toEqual([ann]);
    await s.real.put([alive.view], 'fresh');
    for (const known of [1, 2]) expect(await idsOf(seeding, await moved(s, ann, known, asOf))).toEqual([ann]);
    expect(s.count('getMany')).toBe(2);
  }),
);

it(
  'asks for a cart that was not in the last window, and for one that cannot be folded at once',
  setup(async (s) => {
    const seeding = into(s, true);
    expect(await idsOf(seeding, await moved(s, ann, -1, asOf))).toEqual([]);
    expect(await idsOf(seeding)).toEqual([]);
    expect(await idsOf(seeding, await moved(s, ann, 1, asOf))).toEqual([]);
    expect(s.count('getMany')).toBe(1);
    const began = await moved(s, bob, -1, asOf);
    for await (const recorded of s.events.read(streamOf(bob))) began.waiting.push(recorded);
    expect(await idsOf(seeding, began)).toEqual([]);
    expect(s.count('getMany')).toBe(2);
  }),
);

it(
  'asks a store that had rows for every cart that may be purged',
  setup(async (s) => {
    const seeding = into(s, false);
    const [first, second] = [await moved(s, ann, -1, asOf), await moved(s, bob, -1, asOf)];
    await s.real.put([second.view], 'fresh');
    expect(await idsOf(seeding, first, second)).toEqual([bob]);
    expect(s.count('getMany')).toBe(1);
  }),
);
