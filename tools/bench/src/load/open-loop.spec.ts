import { OpenLoop } from './open-loop.ts';
import { seededRandom } from './random.ts';
import { poisson } from './schedule.ts';
import { Counter } from './tally.ts';

const request = Buffer.from('GET');

/** A loop over `laneCount` lanes, with requests due every `gap` ms for `milliseconds`, on a clock that the test moves. */
function loopOf({ laneCount, gap, milliseconds }: { laneCount: number; gap: number; milliseconds: number }) {
  let time = 1000;
  let due = 0;
  const busy: { send(request: Buffer): void }[] = [];
  const lanes = Array.from({ length: laneCount }, () => {
    const lane = { send: () => void busy.push(lane) };
    return lane;
  });
  const counter = new Counter();
  const loop = new OpenLoop(lanes, {
    draw: () => request,
    counter,
    schedule: () => (due += gap),
    milliseconds,
    now: () => time,
  });
  return {
    counter,
    loop,
    /** Requests under way. */
    busy,
    pass: (ms: number) => {
      time += ms;
      loop.pump();
    },
    answerOldest: () => {
      const lane = busy.shift();
      if (!lane) throw new Error('Nothing is under way.');
      loop.answered(lane, 200, 10);
    },
  };
}

describe('open loop', () => {
  it('sends what is due while earlier requests are still unanswered', () => {
    const { pass, busy } = loopOf({ laneCount: 8, gap: 10, milliseconds: 1000 });
    pass(9);
    expect(busy).toHaveLength(0);
    pass(1);
    expect(busy).toHaveLength(1);
    pass(30);
    expect(busy).toHaveLength(4);
  });

  it('charges a standstill to every request that came in it, from its intended time', () => {
    const { pass, answerOldest, busy, loop, counter } = loopOf({ laneCount: 1, gap: 10, milliseconds: 50 });
    pass(10);
    pass(90);
    // One lane: the requests due at 20, 30, 40 and 50 ms waited for the answer at 100 ms.
    while (busy.length > 0) answerOldest();
    expect(loop.isDone).toBe(true);
    const { answers, latency } = counter.tally(1);
    expect(answers).toBe(5);
    expect(latency.max).toBeCloseTo(90, 0);
    expect(latency.p50).toBeCloseTo(70, 0);
  });

  it('counts how late it sent apart from the latency', () => {
    const { pass, answerOldest, counter } = loopOf({ laneCount: 1, gap: 10, milliseconds: 10 });
    pass(13);
    pass(4);
    answerOldest();
    const { latency, sentLate } = counter.tally(1);
    expect(sentLate.max).toBeCloseTo(3, 1);
    expect(latency.max).toBeCloseTo(7, 1);
  });

  it('stops sending at the end of its time and is done when all is answered', () => {
    const { pass, answerOldest, busy, loop } = loopOf({ laneCount: 8, gap: 10, milliseconds: 30 });
    pass(500);
    expect(busy).toHaveLength(3);
    expect(loop.isDone).toBe(false);
    for (let i = 0; i < 3; i++) answerOldest();
    expect(loop.isDone).toBe(true);
  });

  it('charges what is never answered with the time it waited, sent or not', () => {
    const { pass, loop, counter } = loopOf({ laneCount: 1, gap: 10, milliseconds: 30 });
    pass(130);
    expect(loop.giveUp()).toBe(3);
    const { answers, latency } = counter.tally(1);
    expect(answers).toBe(0);
    expect(latency.max).toBeCloseTo(120, 0);
    expect(latency.p50).toBeCloseTo(110, 0);
  });
});

describe('poisson', () => {
  it('rises and keeps its rate', () => {
    const next = poisson(500, seededRandom(3));
    let last = 0;
    for (let i = 0; i < 50_000; i++) {
      const due = next();
      expect(due).toBeGreaterThan(last);
      last = due;
    }
    expect(last / 100_000).toBeCloseTo(1, 1);
  });

  it('has gaps that vary as exponential ones do', () => {
    const next = poisson(1000, seededRandom(4));
    let last = 0;
    const gaps = Array.from({ length: 20_000 }, () => -last + (last = next()));
    const short = gaps.filter((gap) => gap < 1).length / gaps.length;
    expect(short).toBeCloseTo(1 - Math.exp(-1), 1);
  });

  it('refuses a rate that is none', () => {
    expect(() => poisson(0, seededRandom(1))).toThrow(RangeError);
  });
});
