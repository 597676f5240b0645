import { ClosedLoop } from './closed-loop.ts';
import { Counter } from './tally.ts';

/** A loop with `requests` to send on `laneCount` lanes, on a clock that the test moves. */
function loopOf({
  laneCount,
  requests,
  milliseconds,
}: {
  laneCount: number;
  requests: number;
  milliseconds: number;
}) {
  let time = 0;
  let left = requests;
  const ended: number[] = [];
  const busy: { send(request: Buffer): void }[] = [];
  const lanes = Array.from({ length: laneCount }, () => {
    const lane = { send: () => void busy.push(lane) };
    return lane;
  });
  const counter = new Counter();
  const loop = new ClosedLoop({
    draw: () => (left-- > 0 ? Buffer.from('GET') : undefined),
    counter,
    milliseconds,
    now: () => time,
    ended: () => ended.push(time),
  });
  const seconds = loop.run(lanes);
  const answer = (after: number, status = 200) => {
    time += after;
    const lane = busy.shift();
    if (!lane) throw new Error('Nothing is under way.');
    loop.answered(lane, status, 100);
  };
  return { counter, loop, seconds, busy, ended, answer };
}

describe('closed loop', () => {
  it('keeps as many requests under way as there are lanes', () => {
    const { busy, answer } = loopOf({ laneCount: 4, requests: 100, milliseconds: 1000 });
    expect(busy).toHaveLength(4);
    answer(5);
    expect(busy).toHaveLength(4);
  });

  it('counts only what is answered within its time, and waits for the rest', async () => {
    const { counter, seconds, busy, ended, answer } = loopOf({
      laneCount: 2,
      requests: 100,
      milliseconds: 20,
    });
    answer(10);
    answer(5);
    answer(5);
    expect(ended).toEqual([20]);
    expect(busy).toHaveLength(1);
    answer(30);
    expect(await seconds).toBeCloseTo(0.02, 6);
    expect(counter.tally(0.02).answers).toBe(2);
  });

  it('gives up on answers that never come', async () => {
    const { counter, seconds, loop, answer } = loopOf({ laneCount: 3, requests: 100, milliseconds: 20 });
    answer(10);
    answer(15);
    expect(loop.giveUp()).toBe(2);
    expect(await seconds).toBeCloseTo(0.025, 6);
    expect(counter.tally(1).answers).toBe(1);
  });

  it('ends early when there are no more requests', async () => {
    const { counter, seconds, answer } = loopOf({ laneCount: 4, requests: 3, milliseconds: 1000 });
    for (let i = 0; i < 3; i++) answer(1);
    expect(await seconds).toBeCloseTo(0.003, 6);
    expect(counter.tally(1).answers).toBe(3);
  });

  it('keeps failures apart, by status', async () => {
    const { counter, seconds, answer } = loopOf({ laneCount: 1, requests: 3, milliseconds: 1000 });
    answer(1, 429);
    answer(1, 200);
    answer(1, 429);
    await seconds;
    const { answers, failures, bodyBytes } = counter.tally(1);
    expect({ answers, failures, bodyBytes }).toEqual({ answers: 1, failures: { 429: 2 }, bodyBytes: 100 });
  });
});
