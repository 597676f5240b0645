import { canonical } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { cartsCheckpoint } from './checkpoint.ts';
import { check, once } from './rebuilding.fixture.ts';
import { record } from './record.ts';
import { ann, bob, lending } from './setup.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

it(
  'finds every difference: a view that is wrong, behind, missing or of no cart',
  setup(async (s) => {
    s.now = Date.now();
    const [wrong, behind, missing] = ['u~wrong~main', 'u~behind~main', 'u~missing~main'];
    for (const id of [ann, wrong, behind, missing]) await s.add(id, 2);
    await once(s);
    const views = await s.real.getMany([ann, wrong, behind]);
    await s.real.drop();
    await s.real.saveCheckpoint(cartsCheckpoint, await s.events.head());
    const altered = views.flatMap((view) => {
      if (!view) return [];
      if (view.id === wrong) return [{ ...view, itemCount: 99 }];
      return [view.id === behind ? { ...view, revision: 1 } : view, { ...view, id: `${view.id}x` }];
    });
    await s.real.put(altered, 'fresh');
    const { differences, differing, views: compared } = await check(s);
    expect(compared).toBe(5);
    expect(differing).toBe(5);
    expect(differences.map((line) => line.replace(/:? .*/, '')).sort()).toEqual(
      [`${ann}x`, behind, `${behind}x`, missing, wrong].sort(),
    );
  }),
);

it(
  'verifies a store that is kept meanwhile at each view’s own revision, and leaves parked carts aside',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann, 2);
    await record(s.events, bob, -1, [{ type: 'CartTeleported', data: {} }]);
    await once(s);
    await s.add(ann);
    const newer = await s.view(ann);
    await s.real.put([newer], 'fenced');
    expect(await check(s)).toEqual({ views: 1, differing: 0, differences: [] });
    expect(canonical(newer)).toBe(await s.stored(ann));
  }),
);
