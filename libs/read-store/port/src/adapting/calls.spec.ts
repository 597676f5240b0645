import { Calls, inLanes } from '../adapting.ts';

/** Work that ends when told to. */
function deferred(): { readonly work: () => Promise<void>; readonly end: (error?: Error) => void } {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { work: () => ended, end: (error) => end(error) };
}

describe('Calls', () => {
  it('waits for those under way, failed ones too, before it releases, once', async () => {
    const calls = new Calls('Adapter at a');
    const order: string[] = [];
    const [good, bad] = [deferred(), deferred()];
    const begun = Promise.allSettled([calls.during(good.work), calls.during(bad.work)]);
    void begun.then(() => order.push('ended'));
    const release = (): number => order.push('released');
    const closing = [calls.close(release), calls.close(release)];
    good.end();
    bad.end(new Error('down'));
    await Promise.all(closing);
    expect(order).toEqual(['ended', 'released']);
    expect((await begun).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('begins none once it is closing', async () => {
    const calls = new Calls('Adapter at a');
    const begun = deferred();
    const running = calls.during(begun.work);
    const closing = calls.close(() => undefined);
    let worked = false;
    const late = calls.during(async () => {
      worked = true;
    });
    await expect(late).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The read store in Adapter at a is closed.',
    });
    expect(worked).toBe(false);
    begun.end();
    await Promise.all([running, closing]);
  });
});

describe('inLanes', () => {
  it('works on all items, on as many at once as there are lanes', async () => {
    const done: number[] = [];
    let atOnce = 0;
    let most = 0;
    await inLanes(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
      most = Math.max(most, (atOnce += 1));
      await new Promise(setImmediate);
      atOnce -= 1;
      done.push(item);
    });
    expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
    expect(most).toBe(3);
  });

  it('begins none after a failure, and throws it when those begun have ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const working = inLanes(2, [1, 2, 3, 4], async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('down');
      await new Promise(setImmediate);
      ended.push(item);
    });
    await expect(working).rejects.toThrow('down');
    expect([begun, ended]).toEqual([[1, 2], [2]]);
  });
});
