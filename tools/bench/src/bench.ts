import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machine, versions } from './machine.ts';
import { Processes } from './processes.ts';
import { Progress } from './progress.ts';
import { markdown } from './report/markdown.ts';
import type { Failure, Report, Result } from './report/result.ts';
import { svg } from './report/svg.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { Settings } from './settings.ts';

/**
 * Runs the scenarios one after the other and writes `bench.json`, `bench.md` and `bench.svg` into `out`; one that fails is
 * reported and keeps no other from being measured. Data lie in `out` while they are measured: it decides whose disk that is.
 */
export async function bench(
  scenarios: readonly Scenario[],
  settings: Settings,
  out: string,
): Promise<Report> {
  await mkdir(out, { recursive: true });
  const folder = await mkdtemp(join(out, '.data-'));
  const progress = new Progress(scenarios.reduce((sum, { estimate }) => sum + estimate(settings), 0));
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('Interrupted; nothing was written.'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const about = { settings, machine: machine(folder), versions: versions() };
    const results: Result[] = [];
    const failures: Failure[] = [];
    for (const scenario of scenarios) {
      progress.scenario(scenario.name);
      try {
        results.push(await runOne(scenario, { settings, progress, folder, signal: interrupted.signal }));
      } catch (error) {
        interrupted.signal.throwIfAborted();
        failures.push({
          scenario: scenario.name,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
    const report: Report = { at: new Date().toISOString(), ...about, results, failures };
    await write(report, out);
    return report;
  } finally {
    progress.end();
    await rm(folder, { recursive: true, force: true });
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

type Run = {
  readonly settings: Settings;
  readonly progress: Progress;
  readonly folder: string;
  readonly signal: AbortSignal;
};

/** With processes and a folder of its own, gone when it is over or the signal fires. */
async function runOne(scenario: Scenario, { settings, progress, folder, signal }: Run): Promise<Result> {
  signal.throwIfAborted();
  const processes = new Processes();
  const stop = (): void => void processes.stop();
  signal.addEventListener('abort', stop);
  const own = join(folder, scenario.name);
  await mkdir(own);
  try {
    return await scenario.run({ settings, processes, folder: own, progress });
  } finally {
    await processes.stop();
    signal.removeEventListener('abort', stop);
    await rm(own, { recursive: true, force: true });
  }
}

async function write(report: Report, out: string): Promise<void> {
  await writeFile(join(out, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(out, 'bench.md'), markdown(report));
  await writeFile(join(out, 'bench.svg'), svg(report));
}
