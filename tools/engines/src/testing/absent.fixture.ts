import { describeOn } from '../testing.ts';

it('runs a test beside it', () => expect(1).toBe(1));

describeOn(undefined, 'cassandra', () => {
  it('is never run', () => expect(1).toBe(1));
});
