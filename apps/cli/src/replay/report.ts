import type { Histogram } from 'hdr-histogram-js';
import type { ShownCart } from './answers.ts';
import type { Malformed, Sale } from './sales-file.ts';
import type { Tally } from './shop.ts';
import type { Shopper } from './shoppers.ts';
import type { Stored } from './stored-views.ts';

/** The first few of a list, and how many there are. */
type Listed<T> = { readonly count: number; readonly first: readonly T[] };

/** ms, waits and retries included. */
export type Latency = Readonly<Record<'p50' | 'p90' | 'p99' | 'p99_9' | 'max', number>>;

/** What `replay` answers, as it is printed with --json. */
export type Report = {
  readonly file: string;
  readonly run: string;
  readonly rows: number;
  readonly malformed: Listed<Malformed>;
  readonly shoppers: number;
  readonly sessions: number;
  readonly commands: number;
  readonly seconds: number;
  readonly commandsPerSecond: number;
  readonly latency: Latency;
  readonly retries: number;
  /** Commands by the code they were refused with. */
  readonly refused: Readonly<Record<string, number>>;
  readonly nothingToTakeOut: number;
  /** Carts compared with the API's answer. */
  readonly carts: number;
  /** Carts compared with the view in every store; null: there is a store that was not, or none, for `storeReason`. */
  readonly stored: number | null;
  readonly storeReason?: string;
  /** The same of each store. */
  readonly stores: readonly ComparedStore[];
  readonly differences: Listed<string>;
};

export type ComparedStore = {
  readonly store: string;
  readonly carts: number | null;
  readonly reason?: string;
};

const shownAtMost = 20;
const listed = <T>(all: readonly T[]): Listed<T> => ({ count: all.length, first: all.slice(0, shownAtMost) });

export function latencyOf(microseconds: Histogram): Latency {
  const at = (percentile: number): number => microseconds.getValueAtPercentile(percentile) / 1000;
  return { p50: at(50), p90: at(90), p99: at(99), p99_9: at(99.9), max: microseconds.maxValue / 1000 };
}

export type Findings = {
  readonly file: string;
  readonly run: string;
  readonly sales: readonly Sale[];
  readonly malformed: readonly Malformed[];
  readonly shoppers: readonly Shopper[];
  readonly tally: Tally;
  readonly measured: Pick<Report, 'seconds' | 'latency' | 'retries'>;
  readonly shown: ReadonlyMap<string, ShownCart>;
  readonly stored: readonly Stored[];
  readonly differences: readonly string[];
};

export function reportOf(findings: Findings): Report {
  const { file, run, sales, malformed, shoppers, tally, measured, shown, stored, differences } = findings;
  return {
    file,
    run,
    rows: sales.length + malformed.length,
    malformed: listed(malformed),
    shoppers: shoppers.length,
    sessions: shoppers.reduce((sum, { sessions }) => sum + sessions.length, 0),
    commands: tally.commands,
    ...measured,
    commandsPerSecond: Math.round(tally.commands / Math.max(measured.seconds, 0.001)),
    refused: Object.fromEntries(tally.refused),
    nothingToTakeOut: tally.nothingToTakeOut,
    carts: shown.size,
    ...comparedWith(stored, shown.size),
    differences: listed(differences),
  };
}

function comparedWith(
  stored: readonly Stored[],
  carts: number,
): Pick<Report, 'stored' | 'storeReason' | 'stores'> {
  const stores = stored.map(({ store, views, reason }) => ({
    store,
    carts: views?.size ?? null,
    ...(reason !== undefined && { reason }),
  }));
  const reasons = stores.flatMap(({ store, reason }) =>
    reason === undefined ? [] : [`${store}: ${reason}`],
  );
  if (stores.length === 0) reasons.push('not asked for');
  return reasons.length > 0
    ? { stored: null, storeReason: reasons.join('; '), stores }
    : { stored: carts, stores };
}

/** The report as a text for people. */
export function textOf(report: Report): string {
  const { latency, refused, malformed, differences, carts, stores } = report;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  return [
    `${report.rows} rows: ${report.sessions} sessions of ${report.shoppers} shoppers (run ${report.run})`,
    ...some('malformed rows, left out', malformed, ({ line, reason }) => `line ${line}: ${reason}`),
    `${report.commands} commands in ${report.seconds.toFixed(1)} s, ${report.commandsPerSecond}/s, ${report.retries} retries`,
    `latency p50 ${ms(latency.p50)}, p90 ${ms(latency.p90)}, p99 ${ms(latency.p99)}, p99.9 ${ms(latency.p99_9)}, max ${ms(latency.max)}`,
    `refused: ${codes.join(', ') || 'none'}; nothing to take out: ${report.nothingToTakeOut}`,
    `compared: ${carts} carts with the API's answer`,
    ...stores.map(({ store, carts: views, reason }) =>
      views === null
        ? `NOT COMPARED with the store ${store}: ${reason}`
        : `  ${views} with the store ${store}`,
    ),
    ...some('differences', differences, (difference) => difference),
    '',
  ].join('\n');
}

function some<T>(what: string, { count, first }: Listed<T>, line: (item: T) => string): readonly string[] {
  const more = count > first.length ? [`  … and ${count - first.length} more`] : [];
  return [`${what}: ${count}`, ...first.map((item) => `  ${line(item)}`), ...more];
}
