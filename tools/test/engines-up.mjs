import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Suites also use engines that `npm run engines -- up` started: which ones run is what a cached result of a suite depends on.
const folder = fileURLToPath(new URL('../../.data/engines', import.meta.url));

for (const file of list(folder)) {
  const state = readFileSync(`${folder}/${file}`, 'utf8');
  const pids = [...state.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
  console.log(file, state, pids.map(isAlive));
}

function list(path) {
  try {
    return readdirSync(path).filter((name) => name.endsWith('.json'));
  } catch {
    return []; // nothing was ever started
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
