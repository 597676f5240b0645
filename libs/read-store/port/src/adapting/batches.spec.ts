import { add, lastOf, versionsOf, viewAfter } from '../testing/sample.ts';
import { batchesOf, newestOf } from '../adapting.ts';

describe('newestOf', () => {
  it('leaves of each cart the version of the highest revision, wherever it stands', () => {
    const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
    const other = viewAfter('u~43~main', [add('shirt')]);
    const shuffled = [versions[1], other, versions[2], versions[0], versions[2]].filter(
      (view) => view !== undefined,
    );
    expect(newestOf(shuffled)).toStrictEqual([lastOf(versions), other]);
    expect(newestOf([])).toEqual([]);
  });
});

describe('batchesOf', () => {
  const sizes = (...bytes: readonly number[]) => bytes.map((size) => ({ bytes: size }));

  it('begins a batch when the last one is full, by number or by bytes', () => {
    expect(batchesOf(sizes(1, 1, 1, 1), { items: 3, bytes: 9 })).toEqual([sizes(1, 1, 1), sizes(1)]);
    expect(batchesOf(sizes(4, 5, 1, 9), { items: 3, bytes: 9 })).toEqual([sizes(4, 5), sizes(1), sizes(9)]);
  });

  it('leaves alone what is over the limit by itself', () => {
    expect(batchesOf(sizes(1, 10, 1), { items: 3, bytes: 9 })).toEqual([sizes(1), sizes(10), sizes(1)]);
  });

  it('has no batch without items', () => {
    expect(batchesOf([], { items: 3, bytes: 9 })).toEqual([]);
  });
});
