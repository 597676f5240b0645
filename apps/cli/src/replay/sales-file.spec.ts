import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../exit.ts';
import { parseSales, readSales } from './sales-file.ts';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const parse = (...rows: string[]) => parseSales([header, ...rows].join('\n'), 'sales.csv');
const reasons = (...rows: string[]) => parse(...rows).malformed.map(({ reason }) => reason);

test('a row is a sale of a customer, or of a guest when it names none', () => {
  const { sales, malformed } = parse(
    '536365,85123A,HOLDER,6,1/12/2010,2.55,17850,UK',
    'C1,22386,BAG,-2,,,,UK',
  );
  expect(sales).toEqual([
    { line: 2, invoice: '536365', sku: '85123A', quantity: 6, customer: '17850' },
    { line: 3, invoice: 'C1', sku: '22386', quantity: -2 },
  ]);
  expect(malformed).toEqual([]);
});

test('reads a byte order mark, CRLF, columns in another order and columns it does not know', () => {
  const text = '\uFEFFCustomerID,Shade,Quantity,InvoiceNo,StockCode\r\n17,red,3,A1,MUG\r\n';
  expect(parseSales(text, 'sales.csv').sales).toEqual([
    { line: 2, invoice: 'A1', sku: 'MUG', quantity: 3, customer: '17' },
  ]);
});

test('a quoted field may hold commas, quotes and line breaks; lines are still counted as in the file', () => {
  const { sales } = parse(
    'A1,MUG,"BIG, ""BLUE""",1,,,17,UK',
    'A1,CUP,"TWO\nLINES",2,,,17,UK',
    'A1,POT,X,3,,,17,UK',
  );
  expect(sales.map(({ line, sku }) => [line, sku])).toEqual([
    [2, 'MUG'],
    [3, 'CUP'],
    [5, 'POT'],
  ]);
});

test('names what is wrong with a malformed row', () => {
  expect(
    reasons(
      ',MUG,X,1,,,17,UK',
      'A1,,X,1,,,17,UK',
      'A1,BANK CHARGES,X,1,,,17,UK',
      'A1,MUG,X,,,,17,UK',
      'A1,MUG,X,1.5,,,17,UK',
      'A1,MUG,X,0,,,17,UK',
      'A1,MUG,X,1,,,17/8,UK',
      'A1,MUG,X,1',
      'A1,MUG,X,1,,,17,UK,again',
      '',
      'A1,MUG,A "QUOTE" INSIDE,1,,,17,UK',
      'A1,MUG,"NEVER CLOSED,1,,,17,UK',
    ),
  ).toEqual([
    'InvoiceNo is missing',
    'StockCode is missing',
    'StockCode "BANK CHARGES" is not 1 to 64 characters of A-Z a-z 0-9 . _ -',
    'Quantity is missing',
    'Quantity "1.5" is no whole number',
    'Quantity is 0',
    'CustomerID "17/8" is not 1 to 64 characters of A-Z a-z 0-9 . _ -',
    '4 fields where the header names 8',
    '9 fields where the header names 8',
    'the line is empty',
    'a quote stands where none may',
    'a quote is opened and not closed',
  ]);
});

test('a quote that is never closed spoils its own line and no other', () => {
  const good = 'A1,CUP,"FINE, THANKS",1,,,17,UK';
  const { sales, malformed } = parse('A1,MUG,"OPEN,1,,,17,UK', good, good, '"', good);
  expect(sales.map(({ line }) => line)).toEqual([3, 4, 6]);
  expect(malformed.map(({ line }) => line)).toEqual([2, 5]);
});

test('a quote that is closed by a later row does not swallow the rows between', () => {
  const { sales, malformed } = parse(
    'A1,MUG,"OPEN,1,,,17,UK',
    'A1,CUP,X,1,,,17,UK',
    'A1,POT,X,1,,,17,"',
    'A1,JUG,X,2,,,17,UK',
  );
  expect(malformed.map(({ line }) => line)).toEqual([2, 4]);
  expect(sales.map(({ sku }) => sku)).toEqual(['CUP', 'JUG']);
});

test('the limit counts rows, malformed ones too', () => {
  const rows = ['A1,MUG,X,0,,,17,UK', 'A1,MUG,X,1,,,17,UK', 'A1,MUG,X,2,,,17,UK'];
  const { sales, malformed } = parseSales([header, ...rows].join('\n'), 'sales.csv', 2);
  expect([sales.length, malformed.length]).toEqual([1, 1]);
});

test('a file without the columns is a usage error that names them', () => {
  expect(() => parseSales('InvoiceNo,Price\n', 'x.csv')).toThrow(
    new UsageError(
      'x.csv has no column StockCode, Quantity, CustomerID. Its first line must name InvoiceNo, StockCode, Quantity, CustomerID.',
    ),
  );
  expect(() => parseSales('', 'x.csv')).toThrow(UsageError);
  expect(() => parseSales('"InvoiceNo,StockCode,Quantity,CustomerID\n', 'x.csv')).toThrow(UsageError);
});

test('a file that is missing, a folder or no text is a usage error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-sales-'));
  try {
    const binary = join(folder, 'binary.csv');
    await writeFile(binary, Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0x00]));
    await expect(readSales(binary)).rejects.toThrow(/is not CSV text/);
    await expect(readSales(folder)).rejects.toThrow(UsageError);
    await expect(readSales(join(folder, 'none.csv'))).rejects.toThrow(/cannot be read.*ENOENT/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the fixture holds rows of every kind', async () => {
  const { sales, malformed } = await readSales(fileURLToPath(new URL('sales.fixture.csv', import.meta.url)));
  expect([sales.length, malformed.length]).toEqual([352, 13]);
});
