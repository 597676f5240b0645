import { describeAtLength } from '../testing.ts';

const proves = { ttl: true, indexConflicts: true, durability: true };
const engine = {
  name: 'cassandra',
  url: 'cassandra://127.0.0.1:1/shop',
  title: 'Cassandra',
  real: true,
  proves,
} as const;

it('runs a test beside it', () => expect(1).toBe(1));

describeAtLength(engine, 'cassandra', 'a node that fails', () => {
  it('is killed', () => expect(1).toBe(1));
});
