import { Coalescing, retrying, Unavailable } from '../adapting.ts';

describe('Coalescing', () => {
  it('asks once for what is wanted in one turn, each key once', async () => {
    const asked: (readonly string[])[] = [];
    const reads = new Coalescing(async (keys) => {
      asked.push(keys);
      return new Map(keys.filter((key) => key !== 'c').map((key) => [key, key.toUpperCase()]));
    }, 3);
    const wanted = ['a', 'b', 'a', 'c', 'd', 'a'];
    expect(await Promise.all(wanted.map((key) => reads.get(key)))).toEqual([
      'A',
      'B',
      'A',
      undefined,
      'D',
      'A',
    ]);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['d', 'a'],
    ]);
  });

  it('fails all it asked for at once, and nothing later', async () => {
    let down = true;
    const reads = new Coalescing<string>(async () => {
      if (down) throw new Unavailable('down');
      return new Map([['a', 'A']]);
    }, 100);
    const both = await Promise.allSettled([reads.get('a'), reads.get('b')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    down = false;
    expect(await reads.get('a')).toBe('A');
  });
});

describe('retrying', () => {
  const failing = (failures: number) => {
    let calls = 0;
    return async () => {
      calls += 1;
      if (calls <= failures) throw new Error(`failure ${calls}`);
      return calls;
    };
  };

  it('repeats what may be mended, up to its attempts', async () => {
    const options = { base: 1, isTransient: () => true };
    expect(await retrying(failing(2), options)).toBe(3);
    await expect(retrying(failing(3), options)).rejects.toThrow('failure 3');
  });

  it('does not repeat what another attempt cannot mend', async () => {
    await expect(retrying(failing(1), { isTransient: () => false })).rejects.toThrow('failure 1');
  });
});
