import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/cartage.js', import.meta.url));
const anyPort = { PORT: '0', OPERATOR_PORT: '0', PROJECTOR_PORT: '0', CONTROL_PORT: '0' };

type Env = Readonly<Record<string, string>>;
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** The time a test with real processes may take, ms. */
export const slow = 60_000;

/** Runs a test in a folder of its own, which is removed afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-cli-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The command line, with nothing of this process's settings but `env`. */
export function launch(folder: string, args: readonly string[], env: Env): ChildProcess {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, [bin, ...args], { cwd: folder, env: { PATH, ...env }, stdio: 'pipe' });
}

/** Runs a command of the command line to its end. */
export async function cartage(folder: string, args: readonly string[], env: Env = {}): Promise<Ended> {
  const child = launch(folder, args, env);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await endOf(child);
  return { code, stdout: stdout(), stderr: stderr() };
}

/** What `cartage start` runs in a folder. */
export type System = {
  readonly urls: Env;
  readonly pids: Readonly<Record<string, number>>;
  /** What it was given, and its ports, as settings. */
  readonly env: Env;
  readonly starter: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly stderr: () => string;
};

/** Starts processes for a test, on free ports unless `settings` names others, and ends them afterwards. */
export async function withSystem(
  folder: string,
  args: readonly string[],
  use: (system: System) => Promise<void>,
  settings: Env = {},
): Promise<void> {
  const system = await startSystem(folder, args, settings);
  try {
    await use(system);
  } finally {
    await stopSystem(system);
  }
}

/** {@link withSystem} for a test that starts and stops them in an order of its own. */
export async function startSystem(
  folder: string,
  args: readonly string[],
  settings: Env = {},
): Promise<System> {
  const starter = launch(folder, ['start', '--json', ...args], { ...anyPort, ...settings });
  const [stdout, stderr] = [collect(starter.stdout), collect(starter.stderr)];
  const ended = endOf(starter);
  await until(() => stdout().includes('\n') || starter.exitCode !== null);
  if (!stdout().includes('\n')) throw new Error(`The system did not start: ${stderr()}`);
  const { urls, pids } = JSON.parse(stdout()) as Pick<System, 'urls' | 'pids'>;
  return { urls, pids, env: { ...settings, ...portsOf(urls) }, starter, ended, stderr };
}

export async function stopSystem({ starter, ended }: System): Promise<void> {
  starter.kill('SIGTERM');
  await ended;
}

/** Waits for a condition; the test's own timeout is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function portsOf({ shop, operators, projector, control }: Env): Env {
  const settings = { PORT: shop, OPERATOR_PORT: operators, PROJECTOR_PORT: projector, CONTROL_PORT: control };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, url]) => (url ? [[name, new URL(url).port]] : [])),
  );
}

const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code)));

function collect(output: NodeJS.ReadableStream | null): () => string {
  let text = '';
  output?.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}
