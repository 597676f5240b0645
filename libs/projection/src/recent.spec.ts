import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Recent } from './recent.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const heldBy = (recent: Recent<object>, ...keys: readonly string[]) =>
  keys.filter((key) => recent.get(key) !== undefined);

it('lets go of what was set longest ago, and counts what it holds', () => {
  const recent = new Recent<object>(30);
  for (const key of ['a', 'b', 'c']) recent.set(key, {}, 10);
  recent.touch('a');
  recent.set('d', {}, 10);
  expect([heldBy(recent, 'a', 'b', 'c', 'd'), recent.size, recent.bytes]).toEqual([['a', 'c', 'd'], 3, 30]);
  recent.set('e', {}, 25);
  expect([heldBy(recent, 'a', 'c', 'd', 'e'), recent.bytes]).toEqual([['e'], 25]);
  recent.set('f', {}, 31);
  expect([recent.size, recent.bytes]).toEqual([0, 0]);
});

it('keeps the order whatever is set, touched and taken out in between', () => {
  const recent = new Recent<object>(50);
  let expected: string[] = [];
  for (let at = 0; at < 5_000; at += 1) {
    const key = `${(at * 7919) % 11}`;
    expected = expected.filter((other) => other !== key);
    if (at % 5 === 4) recent.delete(key);
    else {
      recent.set(key, {}, 10);
      expected = [...expected, key].slice(-5);
    }
    expect(heldBy(recent, ...expected)).toEqual(expected);
    expect(recent.size).toBe(expected.length);
  }
});

it('keeps next to nothing of what was set before, however often few keys are set', async () => {
  const recent = new Recent<object>(1_000_000);
  const fill = (): readonly WeakRef<object>[] =>
    Array.from({ length: 10_000 }, (_, at) => {
      const value = {};
      recent.set(`${at % 10}`, value, 10);
      recent.touch(`${(at * 7) % 10}`);
      return new WeakRef(value);
    });
  const all = fill();
  await nextTurn();
  collectGarbage();
  expect(recent.size).toBe(10);
  expect(all.filter((value) => value.deref() !== undefined).length).toBeLessThan(100);
});
