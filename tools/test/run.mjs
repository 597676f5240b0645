import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setUp } from '../setup/index.mjs';
import { results } from './reporter.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nx = 'node_modules/nx/dist/bin/nx.js';

/** Sets up, starts engines, runs every project's suite, and ends with one line that sums them: `N passed, N failed`. */
async function main() {
  setUp();
  rmSync(results, { recursive: true, force: true });
  const { borrowEngines, tableOf } = await import('./engines.mjs'); // compiled by the set-up
  const engines = await borrowEngines();
  let ended;
  try {
    ended = await runSuites(engines.variables);
  } finally {
    await engines.release();
  }
  const suites = projects().map(summary);
  const absent = process.env.CI ? engines.all.filter(({ isMissing }) => isMissing).length : 0;
  const passed = sum(suites, 'passed');
  const failed = sum(suites, 'failed') + absent || (ended.code === 0 ? 0 : 1);
  print(suites);
  console.log(`\n${tableOf(engines.all).join('\n')}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(ended.signal ? 130 : failed === 0 ? 0 : 1);
}

/** Resolves when all suites have ended; whoever interrupts this process interrupts them, and engines are still ended after them. */
async function runSuites(variables) {
  const child = spawn(
    process.execPath,
    [nx, 'run-many', '-t', 'test', '--output-style=stream', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, LONG_TESTS: '1', ...variables } },
  );
  let interruption;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      interruption = signal;
      child.kill(signal);
    });
  const [code, signal] = await once(child, 'exit');
  return { code, signal: interruption ?? signal };
}

const projects = () =>
  JSON.parse(
    execFileSync(process.execPath, [nx, 'show', 'projects', '--withTarget', 'test', '--json'], {
      cwd: root,
      encoding: 'utf8',
    }),
  ).sort();

/** A project that left no result, or ran no test, has failed: silence is not success. */
function summary(project) {
  const file = `${results}/${project}.json`;
  if (!existsSync(file)) return { project, passed: 0, failed: 1, skipped: [], note: 'left no result' };
  const { passed, failed, skipped } = JSON.parse(readFileSync(file, 'utf8'));
  if (passed + failed > 0) return { project, passed, failed, skipped, note: '' };
  return { project, passed, failed: 1, skipped, note: 'ran no test' };
}

const sum = (suites, field) => suites.reduce((total, suite) => total + suite[field], 0);

function print(suites) {
  const width = Math.max(...suites.map(({ project }) => project.length));
  console.log('\nsuite'.padEnd(width + 3) + 'passed  failed  skipped');
  for (const { project, passed, failed, skipped, note } of suites) {
    const counts = [passed, failed, skipped.length].map((count) => String(count).padStart(6)).join('  ');
    console.log(`${project.padEnd(width + 2)}${counts}  ${note}`);
  }
  for (const { project, skipped } of suites)
    for (const name of skipped) console.log(`SKIPPED ${project}: ${name}`);
}

try {
  await main();
} catch (error) {
  console.error(`The tests could not be run: ${error.message}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
