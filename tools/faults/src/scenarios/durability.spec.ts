import { durability } from './durability.ts';
import { holds, limitOf } from './holds.fixture.ts';

test(
  'every acknowledged command is there once after processes were killed at random moments',
  async () => {
    const { commands, carts } = await holds(durability);
    expect(commands).toBeGreaterThan(100);
    expect(carts).toBeGreaterThan(50);
  },
  limitOf(durability),
);
