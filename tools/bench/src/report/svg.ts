import { number } from './markdown.ts';
import type { Level, Report, Result } from './result.ts';

const width = 760;
const labelWidth = 300;
const barHeight = 18;
const rowHeight = 26;
const plotHeight = 200;
const colors = { others: '#4878a8', ours: '#d2691e', whisker: '#222', text: '#222', grid: '#ddd' };
const lines = [
  { name: 'p50', color: '#4878a8', of: (level: Level) => level.p50.median },
  { name: 'p99', color: '#6a9f58', of: (level: Level) => level.p99.median },
  { name: 'p99.9', color: '#d2691e', of: (level: Level) => level.p999.median },
];

type Panel = { readonly height: number; readonly svg: string };

/** The report as a picture: a bar for each side, its median with a whisker from the least to the greatest round. */
export function svg({ at, results }: Report): string {
  const panels = results.flatMap((result) => [
    bars(result),
    ...(result.levels ? [curves(result.levels)] : []),
  ]);
  let top = 40;
  const placed = panels.map(({ height, svg: content }) => {
    const group = `<g transform="translate(0 ${top})">${content}</g>`;
    top += height;
    return group;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" ` +
    `font-family="sans-serif" font-size="12" fill="${colors.text}"><rect width="100%" height="100%" fill="#fff"/>` +
    `${text(16, 24, `Cartage bench, ${at}`, 'font-size="16"')}${placed.join('')}</svg>\n`
  );
}

function bars({ scenario, unit, sides }: Result): Panel {
  const most = Math.max(...sides.map(({ rate }) => rate.max));
  const x = (value: number): number => labelWidth + (value / most) * (width - labelWidth - 90);
  const rows = sides.map(({ name, ours, rate }, index) => {
    const y = 30 + index * rowHeight;
    const color = ours ? colors.ours : colors.others;
    return (
      text(labelWidth - 8, y + 13, name, 'text-anchor="end"') +
      `<rect x="${labelWidth}" y="${y}" width="${x(rate.median) - labelWidth}" height="${barHeight}" fill="${color}"/>` +
      line(x(rate.min), y + barHeight / 2, x(rate.max), y + barHeight / 2, colors.whisker) +
      text(x(rate.max) + 6, y + 13, number(rate.median))
    );
  });
  return { height: 50 + sides.length * rowHeight, svg: heading(`${scenario}, ${unit}`) + rows.join('') };
}

/** Latency by load, on a logarithmic axis: the tail is what it is about. */
function curves(levels: readonly Level[]): Panel {
  const values = levels.flatMap((level) => lines.map(({ of }) => of(level)));
  const low = Math.floor(Math.log10(Math.max(0.01, Math.min(...values))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(0.1, ...values))));
  const x = (share: number): number => 70 + share * (width - 160);
  const y = (value: number): number =>
    30 + plotHeight - ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * plotHeight;
  const grid = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)).map(
    (value) =>
      line(x(0), y(value), x(1), y(value), colors.grid) +
      text(62, y(value) + 4, number(value), 'text-anchor="end"'),
  );
  const loads = levels.map(({ share }) =>
    text(x(share), plotHeight + 48, `${Math.round(share * 100)} %`, 'text-anchor="middle"'),
  );
  const drawn = lines.map(({ name, color, of }) => {
    const points = levels.map((level) => `${x(level.share).toFixed(1)},${y(of(level)).toFixed(1)}`);
    const last = levels.at(-1);
    return (
      `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>` +
      (last ? text(x(last.share) + 8, y(of(last)) + 4, name, `fill="${color}"`) : '')
    );
  });
  const title = heading('latency in ms from the intended send time, by share of the capacity');
  return { height: plotHeight + 76, svg: [title, ...grid, ...loads, ...drawn].join('') };
}

const heading = (title: string): string => text(16, 16, title, 'font-weight="bold"');

const line = (x1: number, y1: number, x2: number, y2: number, color: string): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}"/>`;

const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;

const escape = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
