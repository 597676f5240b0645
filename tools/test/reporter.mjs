import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const results = fileURLToPath(new URL('../../dist/test-results', import.meta.url));

/** Names what was skipped, and leaves a suite's counts where `npm test` sums them: `dist/test-results/<project>.json`. */
export default class Results {
  onRunComplete(contexts, run) {
    const [{ config: { rootDir } } = { config: { rootDir: process.cwd() } }] = contexts;
    const { nx, name } = JSON.parse(readFileSync(`${rootDir}/package.json`, 'utf8'));
    const skipped = run.testResults
      .flatMap(({ testResults }) => testResults)
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => fullName);
    const counts = {
      passed: run.numPassedTests,
      failed: run.numFailedTests + run.numRuntimeErrorTestSuites,
      skipped,
    };
    for (const name of skipped) process.stderr.write(`SKIPPED ${name}\n`);
    mkdirSync(results, { recursive: true });
    writeFileSync(`${results}/${nx?.name ?? name}.json`, JSON.stringify(counts));
  }
}
