import fc from 'fast-check';
import { type Article, findLine, type Line, lineOf, withLine } from './line.ts';
import { type Limits, type Merged, mergeLines, mergePolicies } from './merge-policy.ts';

const apple = { lineId: 'apple', sku: 'apple', quantity: 3 };
const pear = { lineId: 'pear', sku: 'pear', quantity: 2 };
const plum = { lineId: 'plum', sku: 'plum', quantity: 1 };
const wide: Limits = { maxQuantity: 999, maxLines: 100 };

const articles: readonly Article[] = [
  ...['a', 'b', 'c', 'd'].map((sku) => ({ sku })),
  ...[1, 2].map((size) => ({ sku: 'a', attributes: { size } })),
  { sku: lineOf([], { sku: 'a', attributes: { size: 1 } }, 1).lineId },
];
/** The lines of a cart that obeys these limits: some of the articles, in any order. */
const linesWithin = ({ maxQuantity, maxLines }: Limits): fc.Arbitrary<readonly Line[]> =>
  fc
    .array(fc.tuple(fc.constantFrom(...articles), fc.integer({ min: 1, max: maxQuantity })), {
      maxLength: maxLines,
    })
    .map((all) =>
      all.reduce<readonly Line[]>((lines, [article, n]) => withLine(lines, lineOf(lines, article, n)), []),
    );
const tight: Limits = { maxQuantity: 8, maxLines: 4 };
const merges = fc.record({
  customer: linesWithin(tight),
  guest: linesWithin({ maxQuantity: 12, maxLines: 7 }),
});

const units = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);
const held = (lines: readonly Line[], article: Article): number => findLine(lines, article)?.quantity ?? 0;
const lost = ({ dropped }: Merged, article: Article): number =>
  units(dropped.filter(({ line }) => findLine([line], article)));

describe('within the limits', () => {
  const customer = [apple, pear];
  const guest = [{ ...pear, quantity: 5 }, plum];

  it('max keeps every article at the higher quantity of the two', () => {
    expect(mergeLines('max', customer, guest, wide)).toEqual({
      lines: [apple, { ...pear, quantity: 5 }, plum],
      dropped: [],
    });
    expect(mergeLines('max', guest, customer, wide).lines).toEqual([{ ...pear, quantity: 5 }, plum, apple]);
  });

  it('sum keeps every article and adds', () => {
    expect(mergeLines('sum', customer, guest, wide)).toEqual({
      lines: [apple, { ...pear, quantity: 7 }, plum],
      dropped: [],
    });
  });

  it('keepCustomer keeps the lines of the customer and reports those of the guest', () => {
    expect(mergeLines('keepCustomer', customer, guest, wide)).toEqual({
      lines: customer,
      dropped: guest.map((line) => ({ line, quantity: line.quantity, why: 'policy' })),
    });
  });

  it('keepGuest keeps the lines of the guest and reports those of the customer', () => {
    expect(mergeLines('keepGuest', customer, guest, wide)).toEqual({
      lines: guest,
      dropped: customer.map((line) => ({ line, quantity: line.quantity, why: 'policy' })),
    });
  });
});

describe('at the limits', () => {
  it('units over the limit of a line are dropped and reported with the line of the guest', () => {
    const limits = { maxQuantity: 4, maxLines: 9 };
    expect(mergeLines('sum', [apple], [{ ...apple, quantity: 2 }], limits)).toEqual({
      lines: [{ ...apple, quantity: 4 }],
      dropped: [{ line: { ...apple, quantity: 2 }, quantity: 1, why: 'quantity_limit' }],
    });
  });

  it('lines over the limit of a cart are dropped, the latest of the guest first', () => {
    const limits = { maxQuantity: 9, maxLines: 2 };
    expect(mergeLines('max', [apple], [pear, plum, apple], limits)).toEqual({
      lines: [apple, pear],
      dropped: [{ line: plum, quantity: 1, why: 'line_limit' }],
    });
  });

  it('what a customer holds over a limit that was lowered is kept', () => {
    const limits = { maxQuantity: 2, maxLines: 1 };
    for (const policy of ['max', 'sum'] as const)
      expect(mergeLines(policy, [apple, pear], [{ ...apple, quantity: 1 }], limits).lines).toEqual([
        apple,
        pear,
      ]);
  });
});

it('gives a guest line another id where the customer holds that id for another article', () => {
  const made = lineOf([], { sku: 'a', attributes: { size: 1 } }, 1);
  const alike = { lineId: made.lineId, sku: made.lineId, quantity: 1 };
  const { lines } = mergeLines('max', [made], [alike], wide);
  expect(lines.map(({ sku }) => sku)).toEqual(['a', alike.sku]);
  expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(2);
});

describe.each(mergePolicies)('by any lines, %s', (policy) => {
  it('never exceeds a limit, and no two lines share an id or an article', () => {
    fc.assert(
      fc.property(merges, ({ customer, guest }) => {
        const { lines } = mergeLines(policy, customer, guest, tight);
        expect(lines.length).toBeLessThanOrEqual(tight.maxLines);
        for (const { quantity } of lines) expect(quantity).toBeLessThanOrEqual(tight.maxQuantity);
        expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
        for (const line of lines) expect(findLine(lines, line)).toBe(line);
      }),
    );
  });

  it('reports exactly what it drops of each article', () => {
    const meant: Record<typeof policy, (customer: number, guest: number) => number> = {
      max: Math.max,
      sum: (customer, guest) => customer + guest,
      keepCustomer: (customer, guest) => customer + guest,
      keepGuest: (customer, guest) => customer + guest,
    };
    fc.assert(
      fc.property(merges, ({ customer, guest }) => {
        const merged = mergeLines(policy, customer, guest, tight);
        for (const article of articles) {
          const wanted = meant[policy](held(customer, article), held(guest, article));
          expect(held(merged.lines, article) + lost(merged, article)).toBe(wanted);
        }
        for (const { quantity, line } of merged.dropped) {
          expect(quantity).toBeGreaterThan(0);
          expect(quantity).toBeLessThanOrEqual(line.quantity);
        }
      }),
    );
  });

  it('changes neither of the two it is given', () => {
    fc.assert(
      fc.property(merges, ({ customer, guest }) => {
        const before = JSON.stringify([customer, guest]);
        mergeLines(policy, customer, guest, tight);
        expect(JSON.stringify([customer, guest])).toBe(before);
      }),
    );
  });
});

it('max, repeated, changes nothing and drops the same again', () => {
  fc.assert(
    fc.property(merges, ({ customer, guest }) => {
      const once = mergeLines('max', customer, guest, tight);
      expect(mergeLines('max', once.lines, guest, tight)).toEqual(once);
    }),
  );
});

it('sum loses no unit: all that came in is kept or reported', () => {
  fc.assert(
    fc.property(merges, ({ customer, guest }) => {
      const { lines, dropped } = mergeLines('sum', customer, guest, tight);
      expect(units(lines) + units(dropped)).toBe(units(customer) + units(guest));
    }),
  );
});
