import { canonical, type CartView, type Json } from '@cartage/cart';
import { add, randomView, seeded, viewAfter } from '@cartage/read-store/testing';
import fc from 'fast-check';
import { fromRow, stampOf, toRow } from './row.ts';

// Through JSON once, as everything from the log is: it knows no −0.
const json = fc.json({ maxDepth: 3, stringUnit: 'binary' }).map((text) => JSON.parse(text) as Json);
const text = fc.string({ unit: 'binary' });
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const line = fc.record(
  {
    lineId: text,
    sku: text,
    quantity: count,
    attributes: fc.dictionary(fc.stringMatching(/^\w{1,32}$/), json),
  },
  { requiredKeys: ['lineId', 'sku', 'quantity'] },
);
const view: fc.Arbitrary<CartView> = fc.record(
  {
    id: text,
    status: fc.constantFrom('open', 'frozen', 'checkedOut', 'merged', 'erased'),
    kind: fc.constantFrom('guest', 'customer'),
    lines: fc.array(line),
    merges: fc.array(text),
    generation: count,
    revision: count,
    writeTime: count,
    createdAt: count,
    updatedAt: count,
    lineCount: count,
    itemCount: count,
    purgeAt: count,
    expiresAt: count,
    frozenUntil: count,
    sessionId: text,
    mergedInto: text,
    orderId: text,
  },
  {
    requiredKeys: [
      'id',
      'status',
      'kind',
      'lines',
      'merges',
      'generation',
      'revision',
      'writeTime',
      'createdAt',
      'updatedAt',
      'lineCount',
      'itemCount',
    ],
  },
);

describe('a row', () => {
  it('gives back the view it was made of, byte for byte', () => {
    fc.assert(
      fc.property(view, (made) => {
        const read = fromRow(made.id, toRow(made));
        expect(read).toEqual(made);
        expect(canonical(read)).toBe(canonical(made));
        expect(JSON.stringify(read)).toBe(JSON.stringify(made));
      }),
    );
  });

  it('carries the revision and the purge time where they are found without parsing', () => {
    fc.assert(
      fc.property(view, (made) => {
        const { revision, purgeAt } = made;
        expect(stampOf(toRow(made))).toStrictEqual(
          purgeAt === undefined ? { revision } : { revision, purgeAt },
        );
      }),
    );
  });

  it('is found damaged when any of its bytes changed, or some are missing', () => {
    const { id, row } = rowOf(1);
    for (let at = 0; at < row.length; at += 1) {
      const changed = Buffer.from(row);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(() => fromRow(id, changed)).toThrow(expect.objectContaining({ code: 'corrupted' }));
      expect(() => fromRow(id, row.subarray(0, at))).toThrow(`view of ${id} is damaged`);
      expect([stampOf(changed), stampOf(row.subarray(0, at))]).toEqual([undefined, undefined]);
    }
  });

  it('is not taken for another cart’s', () => {
    const row = toRow(viewAfter('u~42~main', [add('shirt')]));
    expect(() => fromRow('u~43~main', row)).toThrow('view of u~43~main is damaged');
  });
});

function rowOf(seed: number): { readonly id: string; readonly row: Buffer } {
  const made = randomView(seeded(seed), 0);
  return { id: made.id, row: toRow(made) };
}
