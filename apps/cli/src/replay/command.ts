import { randomBytes } from 'node:crypto';
import { type MergePolicy, mergePolicies } from '@cartage/cart';
import { type Config, readConfig, storesInUse, type StoreUrl } from '@cartage/runtime';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCode } from '../exit.ts';
import { originOf } from '../processes.ts';
import { openExistingEventStore } from '../stores.ts';
import { replay } from './replay.ts';
import { textOf } from './report.ts';

type Options = {
  readonly url?: readonly URL[];
  readonly concurrency: number;
  readonly limit?: number;
  readonly policy: MergePolicy;
  readonly run: string;
  readonly store: boolean;
  readonly json?: true;
};

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description(
      'Shops what a CSV file of the UCI Online Retail data set says, through the API, and compares every cart with the file.',
    )
    .argument('<file>', 'CSV with the columns InvoiceNo, StockCode, Quantity, CustomerID')
    .option(
      '--url <url...>',
      'where the API listens; of several, requests alternate (default: HOST and PORT)',
      parseUrl,
    )
    .option('--concurrency <shoppers>', 'shoppers at once', parseCount, 16)
    .option('--limit <rows>', 'only the first rows', parseCount)
    .addOption(
      new Option('--policy <name>', 'how carts merge at login').choices(mergePolicies).default('max'),
    )
    .addOption(
      new Option('--run <id>', "put before customers' ids, so that every run meets new carts")
        .argParser(parseRun)
        .default(newRun(), 'time and chance'),
    )
    .option('--no-store', 'do not compare the stored views of READ_STORES')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(act);
}

const help = `
Example:
  $ npx cartage replay online-retail.csv --concurrency 32
  $ npx cartage replay online-retail.csv --url http://127.0.0.1:3000 http://127.0.0.1:4000

Each invoice is a shopper's session: rows without CustomerID shop as a guest, every third session of customers begins as a
guest who logs in half way, negative quantities take units out, what is left is checked out. Malformed rows are reported
and left out. Needs the API's development login. Every store of READ_STORES must come to hold
the same. Exit code 1: carts differ from the file or stores from each other, a store could not be read, or nothing was compared.`;

async function act(file: string, { url, store, json, ...options }: Options): Promise<void> {
  const config = readConfig(process.env);
  const urls = url ?? [new URL(originOf(config.host, config.port))];
  const report = await replay(file, {
    ...options,
    urls,
    stores: store ? await storesToCompare(config) : [],
  });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : textOf(report));
  const isWhole = report.carts > 0 && (!store || report.stored !== null);
  if (report.differences.count > 0 || !isWhole) process.exitCode = exitCode.trouble;
}

/** A machine that cannot reach the log does not learn which generations were chosen: there, URLs name them. */
async function storesToCompare({ eventStore, readStores }: Config): Promise<readonly StoreUrl[]> {
  const events = await openExistingEventStore(eventStore).catch(() => undefined);
  if (!events) return readStores;
  try {
    return await storesInUse(events, readStores);
  } finally {
    await events.close();
  }
}

function parseUrl(text: string, earlier: readonly URL[] | undefined): readonly URL[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('Give a URL such as http://127.0.0.1:3000.');
  return [...(earlier ?? []), url];
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(text);
}

function parseRun(text: string): string {
  if (!/^[A-Za-z0-9._-]{1,32}$/.test(text))
    throw new InvalidArgumentError('Give 1 to 32 characters of A-Z a-z 0-9 . _ -');
  return text;
}

const newRun = (): string => `${Math.floor(Date.now() / 1000).toString(36)}${randomBytes(2).toString('hex')}`;
