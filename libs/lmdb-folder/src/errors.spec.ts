import { Corrupted, commitFailure, toStoreError } from './index.ts';

const failure = (code: string | number): Error => Object.assign(new Error('It failed'), { code });

describe('what a failure means to a store', () => {
  it.each([
    ['ENOSPC', /disk is full.*works again by itself/],
    [28, /disk is full.*works again by itself/],
    ['EDQUOT', /quota/],
    ['EFBIG', /may not grow/],
    ['EACCES', /permissions/],
    [13, /permissions/],
    ['EROFS', /read-only/],
    ['EIO', /full or broken/],
    ['ENXIO', /cannot be used: ENXIO\./],
    [-30_792, /cannot be used: It failed/],
    [-30_795, /Start it again/],
  ])('is unavailable for %p', (code, says) => {
    const cause = failure(code);
    expect(toStoreError(cause, 'data')).toMatchObject({
      code: 'unavailable',
      cause,
      message: expect.stringMatching(says),
    });
  });

  it.each([-30_797, -30_796, -30_794, -30_793, -30_779])('is corrupted for %p', (code) => {
    expect(toStoreError(failure(code), 'data')).toMatchObject({
      code: 'corrupted',
      message: 'data is damaged (It failed). Restore it from a backup.',
    });
  });

  it('is left alone when it is one already, or a mistake in the program', () => {
    for (const error of [new Corrupted('It is damaged.'), new TypeError('x is not a function')]) {
      expect(toStoreError(error, 'data')).toBe(error);
    }
  });

  it('is found behind the promise that LMDB rejects a commit with', async () => {
    const rejected = Object.assign(new Error('Commit failed (see commitError for details)'), {
      commitError: Promise.reject(failure(28)),
    });
    await expect(commitFailure(rejected, 'data')).resolves.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/disk is full/),
    });
    await expect(commitFailure(failure(-30_796), 'data')).resolves.toMatchObject({ code: 'corrupted' });
  });

  it('is the end of the environment when a read says so', () => {
    const cause = Object.assign(new Error('Invalid argument: MDB_PANIC: Update of meta page failed'), {
      code: 22,
    });
    expect(toStoreError(cause, 'data')).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^data can no longer be used by this process .* Start it again\.$/),
    });
  });

  it('is EPERM when LMDB never tells the reason', async () => {
    const rejected = Object.assign(new Error('Commit failed (see commitError for details)'), {
      commitError: new Promise(() => {}),
    });
    await expect(commitFailure(rejected, 'data')).resolves.toMatchObject({
      code: 'unavailable',
      message: 'data cannot be used: this user may not write it (EPERM). Change its owner or permissions.',
    });
  });
});
