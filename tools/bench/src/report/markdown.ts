import type { Spread } from '../statistics.ts';
import { type Figure, isMet, type Level, type Report, type Result, type Side } from './result.ts';

/** The report for people: a table of figures with their targets, then each scenario's sides. */
export function markdown(report: Report): string {
  return [
    `# Bench, ${report.at}${report.quick ? ' (quick: short windows, wide spreads)' : ''}`,
    '',
    list(report.machine),
    '',
    list({ ...report.versions, seed: report.seed }),
    '',
    'Medians over the rounds, with the least and the greatest in brackets. A ratio is taken within each round.',
    '',
    ...report.results.flatMap(section),
  ].join('\n');
}

const list = (entries: Readonly<Record<string, string | number>>): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' · ');

function section(result: Result): string[] {
  const { scenario, about, unit, sides, figures, levels } = result;
  return [
    `## ${scenario}`,
    '',
    about,
    '',
    ...table(['figure', 'median (least – greatest)', 'target', ''], figures.map(figureRow)),
    ...table(
      ['side', unit, 'CPU µs each', 'processors busy', 'generator', 'elsewhere', 'body bytes'],
      sides.map(sideRow),
    ),
    ...(levels
      ? table(
          [
            'load',
            'offered/s',
            'answered/s',
            'p50 ms',
            'p99 ms',
            'p99.9 ms',
            'max ms',
            'sent late p99 ms',
            'unanswered',
          ],
          levels.map(levelRow),
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

const sideRow = ({ name, rate, cpu, generator, elsewhere, bodyBytes }: Side): string[] => [
  name,
  spread(rate),
  cpu ? spread(cpu) : '',
  cpu ? number((cpu.median * rate.median) / 1e6) : '',
  generator ? number(generator.median) : '',
  elsewhere ? number(elsewhere.median) : '',
  bodyBytes === undefined ? '' : String(bodyBytes),
];

const levelRow = (level: Level): string[] => [
  `${Math.round(level.share * 100)} %`,
  number(level.offered),
  number(level.rate.median),
  spread(level.p50),
  spread(level.p99),
  spread(level.p999),
  spread(level.max),
  number(level.sentLate.median),
  String(level.unanswered),
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
