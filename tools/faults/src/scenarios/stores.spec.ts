import { describeOnDatabases, holds, limitOf } from './holds.fixture.ts';
import type { Scenario } from './scenario.ts';
import { storesCut } from './stores-cut.ts';
import { storesHang } from './stores-hang.ts';
import { storesKilled, storesReplay } from './stores.ts';

describeOnDatabases('four stores hold the same carts, byte for byte', () => {
  const holdSame = async (scenario: Scenario): Promise<void> => {
    const { rows, carts } = await holds(scenario);
    expect(rows).toBe(365);
    expect(carts).toBeGreaterThanOrEqual(39);
  };

  test('after a replay', () => holdSame(storesReplay), limitOf(storesReplay));

  for (const killed of storesKilled)
    test(`after a replay with databases killed: ${killed.name}`, () => holdSame(killed), limitOf(killed));

  test(
    'after a replay with one database at a time delayed, robbed of its answers, and cut off',
    () => holdSame(storesCut),
    limitOf(storesCut),
  );

  test(
    'after one of them hung under 64 clients',
    async () => {
      const { commands, carts } = await holds(storesHang);
      expect(commands).toBeGreaterThan(1_000);
      expect(carts).toBe(200);
    },
    limitOf(storesHang),
  );
});
