import { cartIdOf, customerOwner, type CartView, partsOf } from '@cartage/cart';
import { add, inBatches, int, randomView, seeded, shuffled, versionsOf } from './sample.ts';

const views = (seed: number, count: number): readonly CartView[] => {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => randomView(random, index));
};

describe('the contract’s sample of views', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(views(1, 20)).toEqual(views(1, 20));
    expect(views(1, 20)).not.toEqual(views(2, 20));
  });

  it('covers every status, both kinds, and every optional field, present and absent', () => {
    const sample = views(20_350_601, 300);
    const statuses = new Set(sample.map(({ status }) => status));
    expect([...statuses].sort()).toEqual(['checkedOut', 'erased', 'frozen', 'merged', 'open']);
    expect(new Set(sample.map(({ kind }) => kind)).size).toBe(2);
    const optional = ['sessionId', 'mergedInto', 'orderId', 'frozenUntil', 'expiresAt', 'purgeAt'] as const;
    for (const field of optional) {
      expect(new Set(sample.map((view) => view[field] === undefined)).size).toBe(2);
    }
    expect(sample.filter(({ lines }) => lines.length === 0).length).toBeGreaterThan(10);
    expect(sample.some(({ lines }) => lines.some(({ attributes }) => attributes !== undefined))).toBe(true);
  });

  it('holds valid carts only, each once', () => {
    const sample = views(7, 300);
    for (const { id } of sample) expect(cartIdOf(partsOf(id).owner, partsOf(id).name)).toBe(id);
    expect(new Set(sample.map(({ id }) => id)).size).toBe(300);
  });

  it('gives one version per event, and leaves out what a cart refuses', () => {
    const id = cartIdOf(customerOwner('42'));
    const versions = versionsOf(id, [add('shirt'), { type: 'ChangeQuantity', lineId: 'none', quantity: 2 }]);
    expect(versions.map(({ revision, lineCount }) => [revision, lineCount])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('shuffles and batches without losing or inventing anything', () => {
    const numbers = Array.from({ length: 95 }, (_, index) => index);
    const mixed = shuffled(seeded(1), numbers);
    expect(mixed).not.toEqual(numbers);
    expect([...mixed].sort((a, b) => a - b)).toEqual(numbers);
    expect(inBatches(mixed, 10).flat()).toEqual(mixed);
    expect(inBatches(mixed, 10).map(({ length }) => length)).toEqual([...Array<number>(9).fill(10), 5]);
  });

  it('draws whole numbers evenly', () => {
    const random = seeded(5);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 4000; draw += 1) {
      const drawn = int(random, 4);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    expect(counts.every((count) => count > 800)).toBe(true);
  });
});
