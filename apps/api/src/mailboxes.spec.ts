import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '@cartage/event-store';
import { Mailboxes } from './mailboxes.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const done = (value: string): PromiseSettledResult<string> => ({ status: 'fulfilled', value });
const echo = async (_: string, items: readonly string[]) => {
  await turn();
  return items.map(done);
};

describe('mailboxes', () => {
  it('hand over what waits for a key together, in the order it came', async () => {
    const batches: (readonly string[])[] = [];
    const boxes = new Mailboxes<string, string>((key, items) => {
      batches.push(items);
      return echo(key, items);
    });
    const items = ['a', 'b', 'c', 'd'];
    expect(await Promise.all(items.map((item) => boxes.run('cart', item)))).toEqual(items);
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('handle one batch of a key at a time', async () => {
    let running = 0;
    let most = 0;
    const boxes = new Mailboxes<string, string>(async (key, items) => {
      running += 1;
      most = Math.max(most, running);
      const answers = await echo(key, items);
      running -= 1;
      return answers;
    });
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        for (let k = 0; k < i % 4; k += 1) await turn();
        await boxes.run('cart', `${i}`);
      }),
    );
    expect(most).toBe(1);
  });

  it('handle different keys side by side', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const boxes = new Mailboxes<string, string>(async (key, items) => {
      if (key === 'held') await held;
      return items.map(done);
    });
    const first = boxes.run('held', 'a');
    expect(await boxes.run('other', 'b')).toBe('b');
    release();
    expect(await first).toBe('a');
  });

  it('hand over again, first, what was left unanswered', async () => {
    const batches: (readonly string[])[] = [];
    const boxes = new Mailboxes<string, string>(async (_, items) => {
      batches.push(items);
      await turn();
      return items.slice(0, 2).map(done);
    });
    const running = ['a', 'b', 'c', 'd'].map((item) => boxes.run('cart', item));
    expect(await Promise.all(running)).toEqual(['a', 'b', 'c', 'd']);
    expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['d']]);
  });

  it('answer those that have waited for long with the silence of a store, and hand over who just came', async () => {
    const batches: (readonly string[])[] = [];
    const boxes = new Mailboxes<string, string>(async (_, items) => {
      batches.push(items);
      if (batches.length > 1) return items.map(done);
      await sleep(1_500);
      void boxes.run('cart', 'late').then((answer) => late.push(answer));
      throw new Unavailable('The store does not answer.');
    });
    const late: string[] = [];
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((item) => boxes.run('cart', item)));
    expect(outcomes).toMatchObject(Array(3).fill({ reason: { code: 'unavailable' } }));
    await turn();
    expect(late).toEqual(['late']);
    expect(batches).toEqual([['a'], ['late']]);
  });

  it('answer each with its own, and all of a batch that failed as a whole with that', async () => {
    const boxes = new Mailboxes<string, string>(async (key, items) => {
      await turn();
      if (key === 'broken') throw new Error('as a whole');
      return items.map((item) =>
        item === 'bad' ? { status: 'rejected', reason: new Error('bad') } : done(item),
      );
    });
    const outcomes = (key: string) =>
      Promise.allSettled(['good', 'bad', 'fine'].map((item) => boxes.run(key, item)));
    expect(await outcomes('cart')).toMatchObject([
      done('good'),
      { reason: { message: 'bad' } },
      done('fine'),
    ]);
    expect(await outcomes('broken')).toMatchObject(Array(3).fill({ reason: { message: 'as a whole' } }));
    expect(await boxes.run('cart', 'next')).toBe('next');
  });

  it('turn away what comes when a hundred wait, and take more when they are done', async () => {
    const boxes = new Mailboxes<string, string>(echo);
    const waiting = Array.from({ length: 101 }, (_, i) => boxes.run('cart', `${i}`));
    await expect(boxes.run('cart', 'late')).rejects.toMatchObject({ status: 503, code: 'overloaded' });
    expect(await Promise.all(waiting)).toHaveLength(101);
    expect(await boxes.run('cart', 'again')).toBe('again');
  });
});
