import { setUp } from './index.mjs';

try {
  setUp();
} catch (error) {
  console.error(`Set-up failed: ${error.message}`);
  process.exit(1);
}
process.argv.splice(2, 0, 'start');
await import(new URL('../../apps/cli/bin/cartage.js', import.meta.url).href);
