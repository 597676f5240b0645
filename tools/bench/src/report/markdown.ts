import type { Settings } from '../settings.ts';
import type { Spread } from '../statistics.ts';
import {
  type Figure,
  isMet,
  type Level,
  type Report,
  type Result,
  type Sample,
  type Side,
} from './result.ts';

/** The report for people: a table of figures with their targets, then each scenario's sides. */
export function markdown(report: Report): string {
  return [
    `# Bench, ${report.at}${report.settings.quick ? ' (quick: short windows, wide spreads)' : ''}`,
    '',
    list(report.machine),
    '',
    list(report.versions),
    '',
    settingsText(report.settings),
    '',
    'Medians over the rounds, with the least and the greatest in brackets. A ratio is taken within each round. Elsewhere: processors busy with neither the server nor the generator.',
    '',
    ...report.results.flatMap(section),
    ...report.failures.map(({ scenario, reason }) => `**${scenario} came to no result:** ${reason}`),
  ].join('\n');
}

const list = (entries: Readonly<Record<string, string | number>>): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' · ');

const settingsText = ({ rounds, window, connections, shoppers, seed }: Settings): string =>
  `${rounds} rounds of ${window / 1000} s each · ${connections} connections in closed loop · ${number(shoppers)} shoppers · seed ${seed}`;

function section(result: Result): string[] {
  const { scenario, about, unit, sides, figures, levels, samples } = result;
  return [
    `## ${scenario}`,
    '',
    about,
    '',
    ...table(['figure', 'median (least – greatest)', 'target', ''], figures.map(figureRow)),
    ...(sides.length > 0 ? sidesTable(sides, unit) : []),
    ...(levels
      ? table(
          [
            'server',
            'load',
            'offered/s',
            'answered/s',
            'p50 ms',
            'p99 ms',
            'p99.9 ms',
            'max ms',
            'sent late p99 ms',
            'CPU µs each',
            'elsewhere',
            'unanswered',
            'refused',
          ],
          levels.map(levelRow),
        )
      : []),
    ...(samples
      ? table(
          sampleColumns.map(({ head }) => head),
          samples.map((sample) => sampleColumns.map(({ of }) => number(of(sample)))),
        )
      : []),
  ];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
  '',
];
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const figureRow = (figure: Figure): string[] => [
  figure.name,
  `${spread(figure.value)}${figure.unit && ` ${figure.unit}`}`,
  targetText(figure),
  verdict(figure),
];

/** Without the columns that no side has a figure for. */
function sidesTable(sides: readonly Side[], unit: string): string[] {
  const columns = sideColumns(unit).filter(({ cell }) => sides.some((side) => cell(side) !== ''));
  return table(
    columns.map(({ head }) => head),
    sides.map((side) => columns.map(({ cell }) => cell(side))),
  );
}

type Column = { readonly head: string; readonly cell: (side: Side) => string };

const sideColumns = (unit: string): readonly Column[] => [
  { head: 'side', cell: ({ name }) => name },
  { head: unit, cell: ({ rate }) => spread(rate) },
  { head: 'CPU µs each', cell: ({ cpu }) => (cpu ? spread(cpu) : '') },
  { head: 'processors busy', cell: ({ cpu, rate }) => (cpu ? number((cpu.median * rate.median) / 1e6) : '') },
  { head: 'generator', cell: ({ generator }) => numberOrNone(generator?.median) },
  { head: 'elsewhere', cell: ({ elsewhere }) => numberOrNone(elsewhere?.median) },
  { head: 'body bytes', cell: ({ bodyBytes }) => numberOrNone(bodyBytes) },
  { head: 'calls each', cell: ({ calls }) => numberOrNone(calls) },
  { head: 'bytes each', cell: ({ bytes }) => numberOrNone(bytes) },
];

const numberOrNone = (value: number | undefined): string => (value === undefined ? '' : number(value));

const levelRow = (level: Level): string[] => [
  level.server,
  `${Math.round(level.share * 100)} %`,
  number(level.offered),
  number(level.rate.median),
  spread(level.p50),
  spread(level.p99),
  spread(level.p999),
  spread(level.max),
  number(level.sentLate.median),
  numberOrNone(level.cpu?.median),
  numberOrNone(level.elsewhere?.median),
  String(level.unanswered),
  String(level.refused),
];

const sampleColumns: readonly { readonly head: string; readonly of: (sample: Sample) => number }[] = [
  { head: 'minute', of: ({ minutes }) => minutes },
  { head: 'answered/s', of: ({ rate }) => rate },
  { head: 'p50 ms', of: ({ p50 }) => p50 },
  { head: 'p99 ms', of: ({ p99 }) => p99 },
  { head: 'p99.9 ms', of: ({ p999 }) => p999 },
  { head: 'CPU µs each', of: ({ cpu }) => cpu },
  { head: 'control p50 ms', of: ({ controlP50 }) => controlP50 },
  { head: 'control p99 ms', of: ({ controlP99 }) => controlP99 },
  { head: 'memory MiB', of: ({ megabytes }) => megabytes },
  { head: 'event loop p99 ms', of: ({ eventLoop }) => eventLoop },
];

export function targetText({ target }: Figure): string {
  if (!target) return '';
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

function verdict(figure: Figure): string {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? 'met' : '**missed**';
}

const spread = ({ median, min, max }: Spread): string =>
  `${number(median)} (${number(min)} – ${number(max)})`;

/** Three significant digits; whole from 100 on. */
export function number(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
