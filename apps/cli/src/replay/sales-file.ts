import { readFile } from 'node:fs/promises';
import { messageOf, UsageError } from '../exit.ts';
import { recordAt } from './csv-record.ts';

/** A row of the file: units of an article bought, or taken out again when negative; never 0. */
export type Sale = {
  /** Where the row begins in the file, from 1. */
  readonly line: number;
  readonly invoice: string;
  readonly sku: string;
  readonly quantity: number;
  /** Absent: a guest. */
  readonly customer?: string;
};

export type Malformed = { readonly line: number; readonly reason: string };
export type SalesFile = { readonly sales: readonly Sale[]; readonly malformed: readonly Malformed[] };

const columns = ['InvoiceNo', 'StockCode', 'Quantity', 'CustomerID'] as const;
type Column = (typeof columns)[number];

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;
const quantityPattern = /^[+-]?\d{1,9}$/;

/**
 * Reads rows in the columns of the UCI Online Retail data set: told by their names, in any order, beside any others.
 *
 * @throws {UsageError} the file cannot be read, is no text, or lacks one of the columns
 */
export async function readSales(path: string, limit = Infinity): Promise<SalesFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  });
  if (bytes.subarray(0, 8192).includes(0)) throw new UsageError(`${path} is not CSV text in UTF-8.`);
  return parseSales(bytes.toString('utf8'), path, limit);
}

/**
 * The first `limit` rows of a CSV text. Malformed ones count, are reported and left out.
 *
 * @throws {UsageError} naming `path`: the text lacks one of the columns
 */
export function parseSales(text: string, path: string, limit = Infinity): SalesFile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const header = recordAt(lines, 0);
  const names = 'problem' in header.content ? [] : header.content;
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0)
    throw new UsageError(
      `${path} has no column ${missing.join(', ')}. Its first line must name ${columns.join(', ')}.`,
    );
  const sales: Sale[] = [];
  const malformed: Malformed[] = [];
  for (let at = header.next; at < lines.length && sales.length + malformed.length < limit;) {
    const { content, next } = recordAt(lines, at, names.length);
    const sale = 'problem' in content ? content.problem : toSale(content, names);
    if (typeof sale === 'string') malformed.push({ line: at + 1, reason: sale });
    else sales.push({ line: at + 1, ...sale });
    at = next;
  }
  return { sales, malformed };
}

/** What the fields mean, or why they mean nothing. */
function toSale(fields: readonly string[], names: readonly string[]): Omit<Sale, 'line'> | string {
  if (fields.length !== names.length) return `${fields.length} fields where the header names ${names.length}`;
  const valueOf = (column: Column): string => fields[names.indexOf(column)] ?? '';
  const [invoice, sku, customer] = [valueOf('InvoiceNo'), valueOf('StockCode'), valueOf('CustomerID')];
  const quantity = Number(valueOf('Quantity'));
  const problem =
    idProblem('InvoiceNo', invoice) ??
    idProblem('StockCode', sku) ??
    quantityProblem(valueOf('Quantity')) ??
    (customer === '' ? undefined : idProblem('CustomerID', customer));
  return problem ?? { invoice, sku, quantity, ...(customer !== '' && { customer }) };
}

function idProblem(column: Column, value: string): string | undefined {
  if (value === '') return `${column} is missing`;
  return idPattern.test(value)
    ? undefined
    : `${column} "${value.slice(0, 80)}" is not 1 to 64 characters of A-Z a-z 0-9 . _ -`;
}

function quantityProblem(value: string): string | undefined {
  if (value === '') return 'Quantity is missing';
  if (!quantityPattern.test(value)) return `Quantity "${value.slice(0, 80)}" is no whole number`;
  return Number(value) === 0 ? 'Quantity is 0' : undefined;
}
