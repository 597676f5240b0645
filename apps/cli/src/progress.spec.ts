import { progressLine } from './progress.ts';

test('says how far it is, how fast, and how long it will take', () => {
  expect(progressLine('rows', 500, 2000, 5)).toBe('rows: 500 of 2000 (25 %), 100/s, 15 s left');
});

test('says so when nothing moves', () => {
  expect(progressLine('rows', 0, 2000, 5)).toBe('rows: 0 of 2000 (0 %), 0/s, waiting');
});
