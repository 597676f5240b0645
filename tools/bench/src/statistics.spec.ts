import { ratioOf, spreadOf } from './statistics.ts';

describe('spreadOf', () => {
  it('takes the middle of an odd number of rounds', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9, rounds: [9, 1, 5] });
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(spreadOf([4, 1, 2, 100])).toMatchObject({ median: 3, min: 1, max: 100 });
  });

  it('is the figure itself for one round', () => {
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7, rounds: [7] });
  });

  it('sorts by size, not by text', () => {
    expect(spreadOf([10, 9, 100])).toMatchObject({ median: 10, min: 9, max: 100 });
  });

  it('refuses to speak of nothing', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('ratioOf', () => {
  it('is the median of the ratios of each round, not the ratio of the medians', () => {
    // In the second round the machine was three times as slow: each ratio is still one half.
    const slowed = ratioOf(spreadOf([50, 15, 40]), spreadOf([100, 30, 80]));
    expect(slowed).toEqual({ median: 0.5, min: 0.5, max: 0.5, rounds: [0.5, 0.5, 0.5] });
    const uneven = ratioOf(spreadOf([10, 20, 90]), spreadOf([10, 10, 10]));
    expect(uneven).toMatchObject({ median: 2, min: 1, max: 9 });
  });

  it('refuses sides of different rounds', () => {
    expect(() => ratioOf(spreadOf([1, 2]), spreadOf([1]))).toThrow(RangeError);
  });
});
