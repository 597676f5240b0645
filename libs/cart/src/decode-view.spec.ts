import { type CartView, decodeView, emptyView, project } from './index.ts';
import { noon } from './testing.ts';

const id = 'u~42~main';
const stamp = { at: noon, expiresAt: noon + 1000 };
const view: CartView = [
  { type: 'CartOpened', data: { ...stamp, generation: 1, kind: 'customer', merges: [] } } as const,
  {
    type: 'ItemAdded',
    data: { ...stamp, line: { lineId: 'cap', sku: 'cap', quantity: 2 }, added: 2 },
  } as const,
].reduce((before, event, revision) => project(before, event, revision), emptyView(id));

it('takes what was stored', () => {
  expect(decodeView(id, JSON.parse(JSON.stringify(view)))).toStrictEqual(view);
});

it('keeps fields of a newer version', () => {
  expect(decodeView(id, { ...view, gift: true })).toHaveProperty('gift', true);
});

it.each<readonly [string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a list', [view]],
  ['a text', 'view'],
  ['another cart', { ...view, id: 'u~43~main' }],
  ['another kind', { ...view, kind: 'guest' }],
  ...Object.entries(view).map(([name]) => [`no ${name}`, without(name)] as const),
  ['a revision that is a text', { ...view, revision: '1' }],
  ['a fraction of a write time', { ...view, writeTime: 1.5 }],
  ['a line without a quantity', { ...view, lines: [{ lineId: 'cap', sku: 'cap' }] }],
  ['an unknown status', { ...view, status: 'lost' }],
])('refuses %s', (_, value) => {
  const refusal = { code: 'undecodable', message: expect.stringContaining(id) };
  expect(() => decodeView(id, value)).toThrow(expect.objectContaining(refusal));
});

it('refuses an id that is no cart’s', () => {
  expect(() => decodeView('42', view)).toThrow(expect.objectContaining({ code: 'invalid_id' }));
});

function without(name: string): object {
  const optional = ['expiresAt', 'purgeAt'].includes(name);
  return { ...view, [name]: optional ? 'later' : undefined };
}
