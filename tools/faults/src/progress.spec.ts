import { progressLine } from './progress.ts';

it('says how far it is and how long the rest will take', () => {
  expect(progressLine('durability', 5, 20, 10_000)).toBe('durability: round 5 of 20, about 30 s left');
  expect(progressLine('durability', 20, 20, 40_000)).toBe('durability: round 20 of 20, about 0 s left');
});
