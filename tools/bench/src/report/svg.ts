import { latencyByLoad, overTime } from './curves.ts';
import { number } from './markdown.ts';
import type { Level, Report, Result } from './result.ts';
import { heading, line, type Panel, text, width } from './shapes.ts';

const labelWidth = 300;
const barHeight = 18;
const rowHeight = 26;
const colors = { others: '#4878a8', ours: '#d2691e', whisker: '#222', text: '#222' };

/** The report as a picture: a bar for each side, its median with a whisker from the least to the greatest round. */
export function svg({ at, results }: Report): string {
  const panels = results.flatMap((result) => [
    ...(result.sides.length > 0 ? [bars(result)] : []),
    ...(result.levels ? [latencyByLoad(oursOf(result, result.levels))] : []),
    ...(result.samples ? overTime(result.samples) : []),
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

/** Of the only server that is measured at several loads. */
const oursOf = ({ sides }: Result, levels: readonly Level[]): readonly Level[] =>
  levels.filter(({ server }) => sides.some(({ name, ours }) => ours && name === server));

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
