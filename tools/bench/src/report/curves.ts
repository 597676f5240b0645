import { number } from './markdown.ts';
import type { Level, Sample } from './result.ts';
import { heading, line, type Panel, text, width } from './shapes.ts';

const plotHeight = 200;
const grey = '#ddd';
const colors = ['#4878a8', '#6a9f58', '#d2691e', '#8a5aa8', '#999'];

type Curve = { readonly name: string; readonly values: readonly number[] };
/** Where the values of all curves stand on the x axis, from 0 to 1. */
type Place = { readonly at: number; readonly label: string };

export function latencyByLoad(levels: readonly Level[]): Panel {
  return curves(
    'latency in ms from the intended send time, by share of the capacity',
    levels.map(({ share }) => ({ at: share, label: `${Math.round(share * 100)} %` })),
    [
      { name: 'p50', values: levels.map(({ p50 }) => p50.median) },
      { name: 'p99', values: levels.map(({ p99 }) => p99.median) },
      { name: 'p99.9', values: levels.map(({ p999 }) => p999.median) },
    ],
  );
}

/** What may creep over a long run: latencies and delays, and memory on a scale of its own. */
export function overTime(samples: readonly Sample[]): readonly Panel[] {
  const end = Math.max(...samples.map(({ minutes }) => minutes));
  const places = samples.map(({ minutes }, index) => ({
    at: minutes / end,
    label: index % 2 === 1 ? number(minutes) : '',
  }));
  const curve = (name: string, of: (sample: Sample) => number): Curve => ({ name, values: samples.map(of) });
  return [
    curves('latency and event-loop delay in ms, by minute', places, [
      curve('p50', ({ p50 }) => p50),
      curve('p99', ({ p99 }) => p99),
      curve('p99.9', ({ p999 }) => p999),
      curve('loop p99', ({ eventLoop }) => eventLoop),
      curve('control p50', ({ controlP50 }) => controlP50),
    ]),
    curves('resident memory that is no mapped file in MiB, by minute', places, [
      curve('memory', ({ megabytes }) => megabytes),
    ]),
  ];
}

/** On a logarithmic axis: the tail is what it is about. What could not be measured is left out. */
function curves(title: string, places: readonly Place[], drawn: readonly Curve[]): Panel {
  const measured = drawn.filter(({ values }) => values.every(Number.isFinite));
  const values = measured.flatMap((curve) => curve.values);
  const low = Math.floor(Math.log10(Math.max(0.01, Math.min(...values))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(0.1, ...values))));
  const x = (at: number): number => 70 + at * (width - 160);
  const y = (value: number): number =>
    30 + plotHeight - ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * plotHeight;
  const grid = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)).map(
    (value) =>
      line(x(0), y(value), x(1), y(value), grey) + text(62, y(value) + 4, number(value), 'text-anchor="end"'),
  );
  const labels = places.map(({ at, label }) => text(x(at), plotHeight + 48, label, 'text-anchor="middle"'));
  const polylines = measured.map((curve, index) => {
    const points = places.map(({ at }, i) => [x(at), y(curve.values[i] ?? 0)] as const);
    const [endX = 0, endY = 0] = points.at(-1) ?? [];
    const color = colors[index] ?? grey;
    const path = points.map((point) => point.map((value) => value.toFixed(1)).join(',')).join(' ');
    return (
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>` +
      text(endX + 8, endY + 4, curve.name, `fill="${color}"`)
    );
  });
  return { height: plotHeight + 76, svg: [heading(title), ...grid, ...labels, ...polylines].join('') };
}
