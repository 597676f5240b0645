import type { MergePolicy } from '@cartage/cart';
import { expectationOf } from './oracle.ts';
import type { Sale } from './sales-file.ts';
import { shoppersOf } from './shoppers.ts';

type Row = readonly [invoice: string, customer: string, sku: string, quantity: number];

const salesOf = (...rows: Row[]): Sale[] =>
  rows.map(([invoice, customer, sku, quantity], at) => ({
    line: at + 2,
    invoice,
    sku,
    quantity,
    ...(customer && { customer }),
  }));

function expected(rows: Row[], policy: MergePolicy = 'max') {
  const { carts, refused } = expectationOf(shoppersOf(salesOf(...rows)), policy);
  return {
    refused: [...refused],
    of: (name: string) => {
      const { status, lines, orderId } = carts.get(name) ?? {};
      return [status, Object.fromEntries(lines ?? []), ...(orderId === undefined ? [] : [orderId])];
    },
    names: [...carts.keys()],
  };
}

/** Two sessions, so that the next one of the same customer begins as a guest. */
const twoBefore: Row[] = [
  ['1', '17', 'A', 1],
  ['2', '17', 'A', 1],
];

test('units of one article add up, and what is left is checked out with the invoice', () => {
  const { of } = expected([
    ['1', '17', 'MUG', 2],
    ['1', '17', 'CUP', 1],
    ['1', '17', 'MUG', 3],
  ]);
  expect(of('customer 17')).toEqual(['checkedOut', { MUG: 5, CUP: 1 }, '1']);
});

test('negative quantities take units out, never more than there are', () => {
  const { of } = expected([
    ['1', '17', 'MUG', 5],
    ['1', '17', 'MUG', -2],
    ['1', '17', 'CUP', 1],
    ['1', '17', 'CUP', -9],
    ['1', '17', 'POT', -1],
  ]);
  expect(of('customer 17')).toEqual(['checkedOut', { MUG: 3 }, '1']);
});

test('a cart that was emptied stays open; one that was never filled never was', () => {
  const { of } = expected([
    ['1', '17', 'MUG', 5],
    ['1', '17', 'MUG', -5],
    ['2', '18', 'MUG', -5],
  ]);
  expect(of('customer 17')).toEqual(['open', {}]);
  expect(of('customer 18')).toEqual(['none', {}]);
});

test('the next session begins with an empty cart', () => {
  const { of } = expected([
    ['1', '17', 'MUG', 5],
    ['2', '17', 'MUG', -1],
    ['2', '17', 'CUP', 1],
  ]);
  expect(of('customer 17')).toEqual(['checkedOut', { CUP: 1 }, '2']);
});

test('a line holds at most 999 units, a cart at most 100 lines; what is over is refused', () => {
  const full = Array.from({ length: 101 }, (_, at): Row => ['2', '', `S${at}`, 1]);
  const { of, refused } = expected([
    ['1', '17', 'MUG', 1000],
    ['1', '17', 'MUG', 999],
    ['1', '17', 'MUG', 1],
    ...full,
    ['2', '', 'S0', -1],
    ['2', '', 'NEW', 1],
  ]);
  expect(refused).toEqual([2, 4, 105]);
  expect(of('customer 17')).toEqual(['checkedOut', { MUG: 999 }, '1']);
  const [, lines] = of('guest of 2');
  expect(Object.keys(lines ?? {})).toEqual([...full.slice(1, 100).map(([, , sku]) => sku), 'NEW']);
});

test('a refused row leaves a checked-out cart as it is', () => {
  const { of } = expected([
    ['1', '17', 'MUG', 1],
    ['2', '17', 'MUG', 1000],
  ]);
  expect(of('customer 17')).toEqual(['checkedOut', { MUG: 1 }, '1']);
});

test('every third session of customers begins as a guest, whose lines the customer takes over at login', () => {
  const { of, names } = expected([
    ...twoBefore,
    ['3', '17', 'MUG', 2],
    ['3', '17', 'CUP', 1],
    ['3', '17', 'MUG', 1],
    ['4', '18', 'MUG', 1],
  ]);
  expect(names).toEqual(['guest of 3, then 17', 'customer 17', 'customer 18']);
  expect(of('guest of 3, then 17')).toEqual(['merged', { MUG: 2, CUP: 1 }]);
  expect(of('customer 17')).toEqual(['checkedOut', { MUG: 3, CUP: 1 }, '3']);
});

test('a guest with nothing leaves the customer as he was', () => {
  const { of } = expected([...twoBefore, ['3', '17', 'MUG', -1]]);
  expect(of('guest of 3, then 17')).toEqual(['none', {}]);
  expect(of('customer 17')).toEqual(['checkedOut', { A: 1 }, '2']);
});

test('keepCustomer drops what the guest had', () => {
  const rows: Row[] = [...twoBefore, ['3', '17', 'MUG', 2], ['3', '17', 'CUP', 1]];
  expect(expected(rows, 'keepCustomer').of('customer 17')).toEqual(['checkedOut', { CUP: 1 }, '3']);
  expect(expected([...twoBefore, ['3', '17', 'MUG', 2]], 'keepCustomer').of('customer 17')).toEqual([
    'open',
    {},
  ]);
  for (const policy of ['max', 'sum', 'keepGuest'] as const)
    expect(expected(rows, policy).of('customer 17')).toEqual(['checkedOut', { MUG: 2, CUP: 1 }, '3']);
});
