import { Random } from './random.ts';

const draws = (random: Random) => Array.from({ length: 50 }, () => random.between(3, 7));

it('repeats with the seed, and only with it', () => {
  expect(draws(new Random(7))).toEqual(draws(new Random(7)));
  expect(draws(new Random(7))).not.toEqual(draws(new Random(8)));
});

it('reaches every value of its range and no other', () => {
  expect(new Set(draws(new Random(1)))).toEqual(new Set([3, 4, 5, 6, 7]));
});

it('gives each fork chances that the other does not change', () => {
  const [one, two] = [new Random(5), new Random(5)];
  const [left, right] = [one.fork(), two.fork()];
  draws(right);
  expect(draws(left)).toEqual(draws(new Random(5).fork()));
  expect(draws(one)).toEqual(draws(two));
});

it('puts the same items into another order, the same with each seed', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const shuffled = new Random(3).shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect(new Set(shuffled)).toEqual(new Set(items));
  expect(new Random(3).shuffled(items)).toEqual(shuffled);
});
