import { settingsOf } from '../settings.ts';
import { spreadOf } from '../statistics.ts';
import { markdown, number } from './markdown.ts';
import { type Figure, isMet, type Level, type Report, type Result } from './result.ts';
import { svg } from './svg.ts';

const figure = (median: number, target?: Figure['target']): Figure => ({
  name: 'ours ÷ theirs',
  unit: '',
  value: spreadOf([median]),
  ...(target && { target }),
});

const level = (share: number): Level => ({
  server: 'ours',
  share,
  offered: share * 1000,
  rate: spreadOf([share * 1000]),
  p50: spreadOf([0.6]),
  p99: spreadOf([4]),
  p999: spreadOf([share * 30]),
  max: spreadOf([40]),
  sentLate: spreadOf([0.2]),
  unanswered: 0,
  refused: 3,
});

const report: Report = {
  at: '2030-01-01T00:00:00.000Z',
  settings: settingsOf(true, 5, 1),
  machine: { cores: 2 },
  versions: { node: '20.20.2' },
  results: [
    {
      scenario: 'commands',
      about: 'One <server> & another.',
      unit: 'requests/s',
      sides: [
        {
          name: 'ours',
          ours: true,
          rate: spreadOf([1000, 1200, 900]),
          cpu: spreadOf([40, 44, 42]),
          bodyBytes: 430,
        },
        { name: 'theirs <fast>', ours: false, rate: spreadOf([2000, 2100, 1900]) },
      ],
      figures: [figure(0.55, { atLeast: 0.5 }), figure(0.4, { atLeast: 0.5 }), figure(7)],
      levels: [level(0.5), level(0.75)],
    },
  ],
  failures: [{ scenario: 'reads', reason: 'The API ended.' }],
};

describe('a target', () => {
  it('is met at its bound, from the side it looks to', () => {
    expect(isMet(figure(0.5, { atLeast: 0.5 }))).toBe(true);
    expect(isMet(figure(0.49, { atLeast: 0.5 }))).toBe(false);
    expect(isMet(figure(25, { atMost: 25 }))).toBe(true);
    expect(isMet(figure(25.1, { atMost: 25 }))).toBe(false);
    expect(isMet(figure(1))).toBeUndefined();
  });
});

describe('the report as Markdown', () => {
  const rows = markdown(report).split('\n');

  it('says of each figure with a target whether it was met', () => {
    const verdicts = rows.filter((row) => row.startsWith('| ours ÷ theirs')).map((row) => row.split(' | '));
    expect(verdicts.map(([, , target, verdict]) => `${target} ${verdict}`)).toEqual([
      '≥ 0.5 met |',
      '≥ 0.5 **missed** |',
      '  |',
    ]);
  });

  it('shows medians with their spread, and what a side kept busy', () => {
    expect(rows).toContain('| ours | 1,000 (900 – 1,200) | 42 (40 – 44) | 0.042 | 430 |');
    expect(rows).toContain('| theirs <fast> | 2,000 (1,900 – 2,100) |  |  |  |');
  });

  it('leaves out the columns that no side has a figure for', () => {
    expect(rows).toContain('| side | requests/s | CPU µs each | processors busy | body bytes |');
  });

  it('says which scenario came to no result, and why', () => {
    expect(rows).toContain('**reads came to no result:** The API ended.');
  });

  it('shows three significant digits', () => {
    expect([0.123456, 1.005, 12.345, 99.94, 1234.5].map(number)).toEqual([
      '0.123',
      '1',
      '12.3',
      '99.9',
      '1,235',
    ]);
  });
});

describe('the report as SVG', () => {
  const picture = svg(report);

  it('draws a bar for each side, as long as its median', () => {
    const widths = [...picture.matchAll(/<rect x="300"[^>]* width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    );
    expect(widths).toHaveLength(2);
    expect((widths[0] ?? 0) / (widths[1] ?? 0)).toBeCloseTo(0.5, 6);
  });

  it('draws a curve for each percentile over all loads', () => {
    const curves = [...picture.matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) =>
      points?.split(' '),
    );
    expect(curves.map((points) => points?.length)).toEqual([2, 2, 2]);
  });

  it('draws what was sampled over a long run, and leaves out what could not be', () => {
    const sample = (minutes: number) => ({
      minutes,
      rate: 9,
      p50: 1,
      p99: 9,
      p999: 20,
      cpu: 90,
      controlP50: 1,
      controlP99: 4,
      megabytes: 120,
    });
    const soak: Result = {
      scenario: 'soak',
      about: '',
      unit: 'requests/s',
      sides: [],
      figures: [],
      samples: [0.5, 1, 1.5].map((minutes) => ({ ...sample(minutes), eventLoop: Number.NaN })),
    };
    const drawn = svg({ ...report, results: [soak] });
    const curves = [...drawn.matchAll(/<polyline points="([^"]+)"[^>]*\/><text[^>]*>([^<]+)</g)];
    expect(curves.map(([, , name]) => name)).toEqual(['p50', 'p99', 'p99.9', 'control p50', 'memory']);
    expect(curves.map(([, points]) => points?.split(' ').length)).toEqual([3, 3, 3, 3, 3]);
    expect(drawn).not.toMatch(/NaN|Infinity/);
  });

  it('is well-formed whatever a side is called', () => {
    expect(picture).toContain('theirs &lt;fast&gt;');
    expect(picture).not.toContain('NaN');
    const tags = [...picture.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)];
    const opened = tags.filter(([, close, , selfClosed]) => !close && !selfClosed);
    const closed = tags.filter(([, close]) => close);
    expect(closed).toHaveLength(opened.length);
    expect(tags.at(-1)?.[0]).toBe('</svg>');
  });
});
