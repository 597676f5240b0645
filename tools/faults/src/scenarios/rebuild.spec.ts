import { describeOnDatabases, holds, limitOf } from './holds.fixture.ts';
import { rebuildShoppers } from './rebuild-shoppers.ts';
import { rebuildTargetDatabases, rebuildTargetFull } from './rebuild-target.ts';
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

test(
  'shoppers lose nothing and are refused nothing while the store they read is rebuilt beside it',
  async () => {
    const { rebuilds, commands } = await holds(rebuildShoppers);
    expect(rebuilds).toBeGreaterThan(0);
    expect(commands).toBeGreaterThan(50);
  },
  limitOf(rebuildShoppers),
);

test(
  'a rebuild goes on when its disk was full',
  async () => {
    expect(await holds(rebuildTargetFull)).toMatchObject({
      '1 embedded': expect.stringMatching(/disk is full|may not grow/),
    });
  },
  limitOf(rebuildTargetFull),
);

describeOnDatabases('a rebuild into a database', () => {
  test.each(rebuildTargetDatabases)(
    'never ends well with a hole: $title',
    async (scenario) => {
      expect((await holds(scenario))['carts']).toBeGreaterThanOrEqual(3_000);
    },
    Math.max(...rebuildTargetDatabases.map(limitOf)),
  );
});
