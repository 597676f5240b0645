import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = `${root}node_modules/.cartage-setup`;
const [leastMajor, leastMinor] = [20, 19];

/** Makes a checkout ready to run: packages as the lock file names them, everything compiled. Does only what is missing. */
export function setUp() {
  checkNode();
  if (!isInstalled()) install();
  run(process.execPath, ['node_modules/typescript-7/bin/tsc', '-b']);
}

/** Runs a command in the workspace's root with its output shown; throws when it fails. */
export function run(command, args, env = {}) {
  execFileSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  console.error(`Cartage needs Node ${leastMajor}.${leastMinor} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** A stamp, not a look at the folder: an install that was broken off leaves none. */
function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();
}

function install() {
  console.error('Installing packages (once, about half a minute) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm) run(process.execPath, [npm, ...args]);
  else run('npm', args);
  writeFileSync(stamp, lockHash());
  if (existsSync(`${root}.git`)) run('git', ['config', 'core.hooksPath', 'tools/hooks']);
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setUp();
  } catch (error) {
    console.error(`Set-up failed: ${error.message}`);
    process.exit(1);
  }
}
