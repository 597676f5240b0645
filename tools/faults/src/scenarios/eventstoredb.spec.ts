import { eventStoreDb } from './eventstoredb.ts';
import { holds, limitOf } from './holds.fixture.ts';

// The longest scenario decides; each ends by itself before.
const longest = Math.max(...eventStoreDb.map(limitOf));

test.each(eventStoreDb)(
  'every acknowledged command is there once: $title',
  async (scenario) => {
    const { commands, carts } = await holds(scenario);
    expect(commands).toBeGreaterThan(100);
    expect(carts).toBeGreaterThan(50);
  },
  longest,
);
