import { setUp } from './index.mjs';

// node tools/setup/tool.mjs <tool> [argument…]: makes the checkout ready, then runs the tool's own program.
const [tool = ''] = process.argv.splice(2, 1);
try {
  setUp();
  await import(new URL(`../${tool}/dist/main.js`, import.meta.url).href);
} catch (error) {
  process.stderr.write(`${tool}: ${error.message}\n`);
  process.exitCode = 1;
}
