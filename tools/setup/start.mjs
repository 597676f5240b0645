import { setUp } from './index.mjs';

try {
  setUp();
} catch (error) {
  console.error(`Set-up failed: ${error.message}`);
  process.exit(1);
}

// Whoever ends `npm start` by a signal ends npm and its shell, which does not pass it on: without them this would run on.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 500).unref();

process.argv.splice(2, 0, 'start');
await import(new URL('../../apps/cli/bin/cartage.js', import.meta.url).href);
