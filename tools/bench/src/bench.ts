import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machine, versions } from './machine.ts';
import { Processes } from './processes.ts';
import { Progress } from './progress.ts';
import { markdown } from './report/markdown.ts';
import type { Report, Result } from './report/result.ts';
import { svg } from './report/svg.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { Settings } from './settings.ts';

/**
 * Runs the scenarios one after the other and writes `bench.json`, `bench.md` and `bench.svg` into `out`. Data lie in `out` while
 * they are measured: it decides whose disk that is.
 */
export async function bench(
  scenarios: readonly Scenario[],
  settings: Settings,
  out: string,
): Promise<Report> {
  await mkdir(out, { recursive: true });
  const folder = await mkdtemp(join(out, '.data-'));
  const processes = new Processes();
  const stopEarly = (): void => void processes.stop();
  process.on('SIGINT', stopEarly).on('SIGTERM', stopEarly);
  const progress = new Progress(scenarios.reduce((sum, { estimate }) => sum + estimate(settings), 0));
  try {
    const about = { machine: machine(folder), versions: versions() };
    const results: Result[] = [];
    for (const scenario of scenarios) {
      progress.scenario(scenario.name);
      const own = join(folder, scenario.name);
      await mkdir(own);
      results.push(await scenario.run({ settings, processes, folder: own, progress }));
      await rm(own, { recursive: true });
    }
    const { seed, quick } = settings;
    const report: Report = { at: new Date().toISOString(), seed, quick, ...about, results };
    await write(report, out);
    return report;
  } finally {
    progress.end();
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
    process.off('SIGINT', stopEarly).off('SIGTERM', stopEarly);
  }
}

async function write(report: Report, out: string): Promise<void> {
  await writeFile(join(out, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(out, 'bench.md'), markdown(report));
  await writeFile(join(out, 'bench.svg'), svg(report));
}
