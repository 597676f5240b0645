import type { Parked } from '../index.ts';
import { add, viewAfter } from '../testing/sample.ts';
import { storedNote, storedNoteIn, storedPosition, storedViewIn } from '../adapting.ts';

const corrupted = (message: RegExp) =>
  expect.objectContaining({ code: 'corrupted', message: expect.stringMatching(message) });

describe('storedViewIn', () => {
  const view = viewAfter('u~42~main', [add('shirt')]);

  it('takes what was stored', () => {
    expect(storedViewIn(view.id, JSON.stringify(view))).toStrictEqual(view);
  });

  it.each([[undefined], [17], ['{'], ['{}'], [JSON.stringify({ ...view, revision: -1 })]])(
    'refuses %j',
    (json) => {
      expect(() => storedViewIn(view.id, json)).toThrow(corrupted(/view of u~42~main.*Rebuild/));
    },
  );
});

describe('storedNote', () => {
  const note: Parked = {
    id: 'u~42~main',
    revision: 3,
    position: '9223372036854775807',
    reason: '',
    parkedAt: 2_064_312_000_000,
  };

  it('takes what was stored, and leaves what it does not know', () => {
    expect(storedNoteIn(note.id, JSON.stringify(note))).toStrictEqual(note);
    expect(storedNote(note.id, { ...note, _id: note.id })).toStrictEqual(note);
  });

  it.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['another cart', { ...note, id: 'u~43~main' }],
    ...Object.keys(note).map((name) => [`no ${name}`, { ...note, [name]: undefined }] as const),
    ['a revision that is a text', { ...note, revision: '3' }],
    ['a position that is a number', { ...note, position: 7 }],
    ['a time before 1970', { ...note, parkedAt: -1 }],
  ])('refuses %s', (_, value) => {
    expect(() => storedNote(note.id, value)).toThrow(corrupted(/note on u~42~main is malformed.*Rebuild/));
  });

  it.each([[undefined], [17], ['{']])('refuses the text %j', (json) => {
    expect(() => storedNoteIn(note.id, json)).toThrow(corrupted(/note on u~42~main is no.*Rebuild/));
  });
});

describe('storedPosition', () => {
  it('is exact beyond 2^53', () => {
    expect(storedPosition('carts', '9223372036854775807')).toBe(2n ** 63n - 1n);
  });

  it.each([[undefined], [7], [''], ['-1'], ['1.5'], ['0x1']])('refuses %j', (digits) => {
    expect(() => storedPosition('carts', digits)).toThrow(corrupted(/checkpoint of carts.*Rebuild/));
  });
});
