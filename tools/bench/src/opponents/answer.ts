/** What a shopper may put into a cart. */
export type Item = { readonly sku: string; readonly quantity: number };

const lines = [
  { lineId: '85123A', sku: '85123A', quantity: 2 },
  { lineId: '71053', sku: '71053', quantity: 1 },
  { lineId: '84406B', sku: '84406B', quantity: 3 },
];

/** A cart as large as those Cartage answers with in the same run: four lines, the last being what was sent. */
export const cartWith = ({ sku, quantity }: Item): object => ({
  id: 'u~bench-1~main',
  name: 'main',
  kind: 'customer',
  status: 'open',
  revision: 12,
  lines: [...lines, { lineId: sku, sku, quantity }],
  lineCount: 4,
  itemCount: 6 + quantity,
  expiresAt: '2030-01-01T00:00:00.000Z',
  createdAt: '2029-07-05T00:00:00.000Z',
  updatedAt: '2029-07-05T00:00:00.000Z',
});

export const passingLine: Item = { sku: '84029G', quantity: 1 };
