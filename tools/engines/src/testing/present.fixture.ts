import { describeOn } from '../testing.ts';

const proves = { ttl: false, indexConflicts: false, durability: true };
const engine = {
  name: 'mongodb',
  url: 'mongodb://127.0.0.1:1/shop',
  title: 'MongoDB protocol (stand-in)',
  real: false,
} as const;

describeOn({ ...engine, proves }, 'mongodb', ({ url }) => {
  it('is given the engine', () => expect(url).toBe(engine.url));
});
