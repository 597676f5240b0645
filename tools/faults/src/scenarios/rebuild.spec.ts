import { holds, limitOf } from './holds.fixture.ts';
import { rebuild } from './rebuild.ts';

test(
  'a rebuild that is killed and taken over under live writes ends with every view as the log has it',
  async () => {
    const { takenOver, carts } = await holds(rebuild);
    expect(takenOver).toBeGreaterThan(0);
    expect(carts).toBeGreaterThan(5_000);
  },
  limitOf(rebuild),
);
