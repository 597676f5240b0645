import { Trouble } from './trouble.ts';

it('tells of a trouble once until something goes well, and counts every error', () => {
  const told: string[] = [];
  const trouble = new Trouble(({ message }) => told.push(message));
  trouble.note(new Error('out of reach'));
  trouble.note(new Error('out of reach'));
  trouble.note(new Error('full'));
  expect(told).toEqual(['out of reach', 'full']);
  expect(trouble.status).toEqual({ errors: 3, trouble: 'full' });
  trouble.clear();
  expect(trouble.status).toEqual({ errors: 3 });
  trouble.note(new Error('full'));
  expect(told).toEqual(['out of reach', 'full', 'full']);
});
