import { timeLeft } from './progress.ts';

describe('timeLeft', () => {
  it('is the plan before anything was measured', () => {
    expect(timeLeft(60_000, 0, 500)).toBe('about 60 s left');
  });

  it('stretches with what took longer than planned', () => {
    expect(timeLeft(60_000, 20_000, 30_000)).toBe('about 60 s left');
  });

  it('does not promise to be faster than planned, nor less than nothing', () => {
    expect(timeLeft(60_000, 20_000, 10_000)).toBe('about 40 s left');
    expect(timeLeft(60_000, 70_000, 70_000)).toBe('about 0 s left');
  });
});
