import { IdMemory } from './id-memory.ts';

it('remembers an id through 80,000 others, where it stands last, and not through 100,000', () => {
  const memory = new IdMemory();
  const add = (id: string, index: number): void =>
    memory.add({
      index,
      position: index,
      stream: 'a',
      revision: index,
      id,
      type: '',
      created: 0,
      wire: new Uint8Array(),
    });
  add('once', 0);
  add('twice', 1);
  for (let index = 2; index < 80_000; index += 1) add(`${index}`, index);
  add('twice', 80_000);
  expect([memory.get('once')?.revision, memory.get('twice')?.revision]).toEqual([0, 80_000]);
  for (let index = 80_001; index < 100_002; index += 1) add(`${index}`, index);
  expect([memory.get('once'), memory.get('twice')?.revision]).toEqual([undefined, 80_000]);
});
