import { checkRevision, checkStream, hasCode, limits, RevisionConflict, Unavailable } from './index.ts';

describe('what a store takes', () => {
  it('is a stream whose name has up to 1,000 bytes', () => {
    for (const name of ['a', 'cart-0421.u~42~main', 'x'.repeat(limits.streamBytes), '☕'.repeat(333), '😀']) {
      expect(() => checkStream(name)).not.toThrow();
    }
  });

  it('is no stream without a name, with a longer one, or with one that not every store can keep', () => {
    const unfit = 'A stream name must not hold a NUL character or half a surrogate pair.';
    const refusals = {
      '': 'A stream needs a name; it was empty.',
      ['x'.repeat(1001)]: 'A stream name has at most 1000 bytes, not 1001.',
      ['☕'.repeat(334)]: 'A stream name has at most 1000 bytes, not 1002.',
      'a\0b': unfit,
      '\ud83d': unfit,
    };
    for (const [name, message] of Object.entries(refusals)) {
      expect(() => checkStream(name)).toThrow(new RangeError(message));
    }
  });

  it('is a revision that is a whole number from 0', () => {
    for (const revision of [0, 1, Number.MAX_SAFE_INTEGER])
      expect(() => checkRevision('It', revision)).not.toThrow();
    for (const revision of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => checkRevision('It', revision)).toThrow(
        `It must be a whole number from 0, not ${revision}.`,
      );
    }
  });
});

describe('an error', () => {
  it('is told by its code, whichever copy of the module made it', () => {
    const foreign = Object.assign(new Error('The stream is elsewhere.'), { code: 'revision_conflict' });
    expect(hasCode(foreign, 'revision_conflict')).toBe(true);
    expect(hasCode(new RevisionConflict('a', 'none', 3), 'revision_conflict')).toBe(true);
    expect(hasCode(new Unavailable('Try later.'), 'revision_conflict')).toBe(false);
    expect(hasCode({ code: 'revision_conflict' }, 'revision_conflict')).toBe(false);
    expect(new RevisionConflict('a', 'none', 3).message).toBe('a is at revision 3, not none.');
  });
});
