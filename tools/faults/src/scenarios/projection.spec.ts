import { holds, limitOf } from './holds.fixture.ts';
import { projectionSplit } from './projection-split.ts';
import { projection } from './projection.ts';

test(
  'no view goes backwards, and all equal the fold, though projectors are killed, frozen and repeat themselves',
  async () => {
    const { killedBetweenWriteAndCheckpoint, movesSeen } = await holds(projection);
    expect(killedBetweenWriteAndCheckpoint).toBeGreaterThan(0);
    expect(movesSeen).toBeGreaterThan(100);
  },
  limitOf(projection),
);

test(
  'no view goes backwards, and all equal the fold, though buckets are split anew and a former owner wakes up late',
  async () => {
    const { overtaken, movesSeen } = await holds(projectionSplit);
    expect(overtaken).toBeGreaterThan(0);
    expect(movesSeen).toBeGreaterThan(100);
  },
  limitOf(projectionSplit),
);
