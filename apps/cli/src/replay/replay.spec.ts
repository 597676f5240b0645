import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withRepeatingProxy } from '../testing/repeating-proxy.ts';
import { customers, shop, withLog } from '../testing/shopping.ts';
import { cartage, inFolder, slow, withSystem } from '../testing/system.ts';
import type { Report } from './report.ts';

const fixture = fileURLToPath(new URL('sales.fixture.csv', import.meta.url));

const clean = {
  rows: 365,
  sessions: 63,
  malformed: expect.objectContaining({ count: 13 }) as object,
  refused: { line_limit: 4, quantity_out_of_range: 2 },
  nothingToTakeOut: 22,
  carts: 40,
  stored: 40,
  differences: { count: 0, first: [] },
};

test(
  'every cart is what the file says, in the API and in the store, run after run',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async ({ env }) => {
        const { code, stdout } = await cartage(folder, ['replay', fixture, '--json'], env);
        expect(JSON.parse(stdout)).toMatchObject(clean);
        expect(code).toBe(0);
        const again = await cartage(folder, ['replay', fixture, '--policy', 'keepCustomer'], env);
        expect(again.stdout).toContain('line 244: StockCode "BANK CHARGES" is not');
        expect(again.stdout).toContain('differences: 0');
        expect(again.code).toBe(0);
      }),
    ),
  slow,
);

test(
  'the generation that is in use is the one that is compared',
  () =>
    inFolder(async (folder) => {
      await withLog(folder, (events) => shop(events, customers(1)));
      await cartage(folder, ['rebuild', 'embedded', '--generation', 'v2', '--once']);
      await cartage(folder, ['use', 'embedded', 'v2']);
      await withSystem(folder, [], async ({ env }) => {
        const { code, stdout } = await cartage(folder, ['replay', fixture, '--json'], env);
        expect(JSON.parse(stdout)).toMatchObject(clean);
        expect(code).toBe(0);
      });
    }),
  slow,
);

test(
  'also when two API processes serve the requests for the same carts in turn',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async (first) =>
        withSystem(folder, ['--only', 'api'], async (second) => {
          const urls = [first.urls['shop'] ?? '', second.urls['shop'] ?? ''];
          const args = ['replay', fixture, '--json', '--concurrency', '8', '--url', ...urls];
          const { code, stdout } = await cartage(folder, args, first.env);
          expect(JSON.parse(stdout)).toMatchObject(clean);
          expect(code).toBe(0);
        }),
      ),
    ),
  slow,
);

test(
  'every store holds the same bytes, and what could not be compared is trouble',
  () =>
    inFolder((folder) =>
      withSystem(
        folder,
        [],
        async ({ env }) => {
          const { code, stdout } = await cartage(folder, ['replay', fixture, '--json'], env);
          expect(JSON.parse(stdout)).toMatchObject({
            ...clean,
            stores: [
              { store: 'one', carts: 40 },
              { store: 'two', carts: 40 },
            ],
          });
          expect(code).toBe(0);
          const READ_STORES = `${env['READ_STORES']},other=embedded:./elsewhere`;
          const settings = { ...env, READ_STORES };
          const again = await cartage(folder, ['replay', fixture, '--limit', '20'], settings);
          expect(again.stdout).toContain('NOT COMPARED with the store other: There is no folder ./elsewhere');
          expect(again.stdout).toContain('differences: 0');
          expect(again.code).toBe(1);
        },
        { READ_STORES: 'one=embedded:./.data/one,two=embedded:./.data/two' },
      ),
    ),
  slow,
);

test(
  'a cart that is wrong in one unit is found, and a store that cannot be compared is named',
  () =>
    inFolder((folder) =>
      withSystem(folder, ['--only', 'api'], ({ urls, env }) =>
        withRepeatingProxy(urls['shop'] ?? '', async (url) => {
          const settings = { ...env, READ_STORES: 'embedded:./elsewhere' };
          const args = ['replay', fixture, '--limit', '20', '--concurrency', '1', '--json', '--url', url];
          const { code, stdout } = await cartage(folder, args, settings);
          const report = JSON.parse(stdout) as Report;
          expect(report).toMatchObject({ rows: 20, stored: null, differences: { count: 1 } });
          expect(report.differences.first[0]).toMatch(/, units of 13293B: the API says 11, the file 5$/);
          expect(report.storeReason).toContain('There is no folder ./elsewhere');
          expect(code).toBe(1);
        }),
      ),
    ),
  slow,
);

test(
  'a replay of nothing proves nothing',
  () =>
    inFolder((folder) =>
      withSystem(folder, ['--only', 'api'], async ({ env }) => {
        await writeFile(join(folder, 'empty.csv'), 'InvoiceNo,StockCode,Quantity,CustomerID\n');
        const { code, stdout } = await cartage(folder, ['replay', 'empty.csv'], env);
        expect(stdout).toContain('compared: 0 carts');
        expect(code).toBe(1);
      }),
    ),
  slow,
);

test(
  'says that no API answers',
  () =>
    inFolder(async (folder) => {
      const { code, stderr } = await cartage(folder, ['replay', fixture, '--url', 'http://127.0.0.1:1']);
      expect(stderr).toContain('http://127.0.0.1:1 does not answer');
      expect(code).toBe(1);
    }),
  slow,
);

const misuses: [args: string[], message: string][] = [
  [['no-such-file.csv'], 'no-such-file.csv cannot be read'],
  [[fixture, '--url', 'ftp://x'], 'Give a URL such as'],
  [[fixture, '--concurrency', '0'], 'Give a whole number from 1.'],
  [[fixture, '--policy', 'min'], 'Allowed choices are max, sum, keepCustomer, keepGuest.'],
  [[fixture, '--run', 'a b'], 'Give 1 to 32 characters'],
  [[], "missing required argument 'file'"],
];

test(
  'says what is wrong with how it is used',
  () =>
    inFolder(async (folder) => {
      for (const [args, message] of misuses) {
        const { code, stderr } = await cartage(folder, ['replay', ...args]);
        expect(stderr).toContain(message);
        expect(code).toBe(2);
      }
    }),
  slow,
);
