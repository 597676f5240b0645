import { Mailboxes } from './mailboxes.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mailboxes', () => {
  it('run the tasks of one key one after another, in the order they came', async () => {
    const boxes = new Mailboxes();
    const log: string[] = [];
    const task = (name: string) => async () => {
      log.push(`${name} begins`);
      await turn();
      log.push(`${name} ends`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => boxes.run('cart', task(name))));
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('run the tasks of different keys side by side', async () => {
    const boxes = new Mailboxes();
    let release = (): void => {};
    const first = boxes.run('one', () => new Promise<void>((resolve) => (release = resolve)));
    await expect(boxes.run('other', () => Promise.resolve('done'))).resolves.toBe('done');
    release();
    await first;
  });

  it('go on after a task that failed', async () => {
    const boxes = new Mailboxes();
    const failing = boxes.run('cart', () => Promise.reject(new Error('no')));
    const next = boxes.run('cart', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  it('turn away what comes when a hundred wait, and take more when they are done', async () => {
    const boxes = new Mailboxes();
    const waiting = Array.from({ length: 101 }, () => boxes.run('cart', turn));
    await expect(boxes.run('cart', turn)).rejects.toMatchObject({ status: 503 });
    await Promise.all(waiting);
    await expect(boxes.run('cart', () => Promise.resolve(1))).resolves.toBe(1);
  });

  it('let a task that comes while the last one ends wait for its turn', async () => {
    const boxes = new Mailboxes();
    let running = 0;
    let most = 0;
    const task = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
    };
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        for (let k = 0; k < i % 4; k += 1) await turn();
        await boxes.run('cart', task);
      }),
    );
    expect(most).toBe(1);
  });
});
