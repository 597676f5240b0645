import type { MergePolicy } from '@cartage/cart';
import type { StoreUrl } from '@cartage/runtime';
import { build } from 'hdr-histogram-js';
import { Trouble } from '../exit.ts';
import { healthOf } from '../processes.ts';
import { Progress } from '../progress.ts';
import type { ShownCart } from './answers.ts';
import { ApiClient } from './api-client.ts';
import { compare } from './comparison.ts';
import { eachOf } from './each-of.ts';
import { expectationOf } from './oracle.ts';
import { latencyOf, type Report, reportOf } from './report.ts';
import { readSales } from './sales-file.ts';
import { Shop, type Tally } from './shop.ts';
import { type Shopper, shoppersOf } from './shoppers.ts';
import { lookUp } from './stored-views.ts';

export type ReplayOptions = {
  readonly urls: readonly URL[];
  /** Shoppers at once. */
  readonly concurrency: number;
  /** Rows; all when absent. */
  readonly limit?: number;
  readonly policy: MergePolicy;
  readonly run: string;
  /** Where the stored views are that are compared. */
  readonly stores: readonly StoreUrl[];
};

/**
 * Shops what the file says and compares every cart with what it must be by the file alone.
 *
 * @throws {UsageError} the file cannot be used
 * @throws {Trouble} the API cannot be used
 */
export async function replay(file: string, options: ReplayOptions): Promise<Report> {
  const { sales, malformed } = await readSales(file, options.limit);
  for (const url of options.urls) await checkAnswers(url);
  const shoppers = shoppersOf(sales);
  const histogram = build({ numberOfSignificantValueDigits: 3 });
  const client = new ApiClient(options.urls, options.concurrency, (microseconds) =>
    histogram.recordValue(Math.max(1, Math.round(microseconds))),
  );
  try {
    const { tally, seconds } = await shopAll(client, shoppers, sales.length, options);
    const latency = latencyOf(histogram);
    const shown = await showAll(tally, options.concurrency);
    const stored = await lookUp(options.stores, [...shown.values()]);
    const expectation = expectationOf(shoppers, options.policy);
    const differences = compare(expectation, tally.refusedRows, shown, stored);
    const measured = { seconds, latency, retries: client.retries };
    return reportOf({
      file,
      run: options.run,
      sales,
      malformed,
      shoppers,
      tally,
      measured,
      shown,
      stored,
      differences,
    });
  } finally {
    client.close();
  }
}

/** Better told at once than after every retry. */
async function checkAnswers({ href }: URL): Promise<void> {
  const api = href.replace(/\/$/, '');
  const { state, detail } = await healthOf(api);
  if (state === 'down') throw new Trouble(`${api} does not answer (${detail}). Start it: npx cartage start`);
}

async function shopAll(
  client: ApiClient,
  shoppers: readonly Shopper[],
  rows: number,
  { policy, run, concurrency }: ReplayOptions,
): Promise<{ readonly tally: Tally; readonly seconds: number }> {
  const progress = new Progress('rows', rows);
  const shop = new Shop(client, { policy, run, onRow: () => progress.advance() });
  const began = performance.now();
  try {
    await eachOf(shoppers, concurrency, (shopper) => shop.serve(shopper));
  } finally {
    progress.end();
  }
  return { tally: shop.tally, seconds: (performance.now() - began) / 1000 };
}

async function showAll({ carts }: Tally, concurrency: number): Promise<ReadonlyMap<string, ShownCart>> {
  const shown = new Map<string, ShownCart>();
  const progress = new Progress('carts read', carts.size);
  try {
    await eachOf([...carts], concurrency, async ([name, visitor]) => {
      shown.set(name, await visitor.cart());
      progress.advance();
    });
  } finally {
    progress.end();
  }
  return shown;
}
