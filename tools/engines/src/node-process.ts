import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { NodePlan } from './recipe.ts';

const startLimit = 180_000; // ms: three Cassandra nodes on a busy machine
const endLimit = 20_000; // ms
const askEvery = 50; // ms
const lastWords = 1_500; // characters of a log that go into an error

/** `attached` ends when this process does, however that happens; `detached` stays. */
export type Life = 'attached' | 'detached';

/** Starts nodes together and waits until all answer; answers their pids. @throws {Error} one does not start; then none is left */
export async function startNodes(plans: readonly NodePlan[], life: Life): Promise<readonly number[]> {
  const starts = await Promise.allSettled(plans.map((plan) => startNode(plan, life)));
  const pids = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  for (const start of starts) {
    if (start.status === 'fulfilled') continue;
    await Promise.all(pids.map((pid) => endProcess(pid, 'SIGKILL')));
    throw start.reason;
  }
  return pids;
}

/** Starts one node and waits until it answers. @throws {Error} it ended, or did not answer within 3 min, with what it said last */
export async function startNode(plan: NodePlan, life: Life): Promise<number> {
  const log = openSync(plan.log, 'a');
  const child = spawn(plan.command, plan.args, {
    stdio: ['ignore', log, log],
    detached: life === 'detached',
    env: process.env,
  });
  closeSync(log);
  let trouble: string | undefined;
  child.on('error', (error) => (trouble = error.message));
  child.on('exit', (code, signal) => (trouble = `it ended with ${signal ?? `code ${code}`}`));
  if (life === 'attached') endWithThisProcess(child);
  child.unref();
  for (const limit = Date.now() + startLimit; !(await plan.answers()); await sleep(askEvery)) {
    if (Date.now() > limit) trouble ??= `no answer within ${startLimit / 1000} s`;
    if (trouble === undefined) continue;
    if (child.pid !== undefined) await endProcess(child.pid, 'SIGKILL');
    throw new Error(`${plan.command} did not start: ${trouble}.\n${await endOf(plan.log)}`);
  }
  if (child.pid === undefined || trouble !== undefined)
    throw new Error(`Another process answers in its place: ${trouble}.\n${await endOf(plan.log)}`);
  return child.pid;
}

/** A shell waits for its input to end, which it does when this process is gone, even by SIGKILL. */
function endWithThisProcess(child: ChildProcess): void {
  const guard = spawn('sh', ['-c', 'read -r _; kill -9 "$0"', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  // A pipe of a child is a socket: it must not keep this process alive.
  if (guard.stdin && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  child.on('exit', () => guard.kill('SIGKILL'));
}

/** Returns once the process stands still, all its threads (on Linux; elsewhere soon after). */
export function freezeProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  if (process.platform !== 'linux') return;
  const isStopped = (thread: string): boolean => /\) [TZX]/.test(statOf(pid, thread));
  for (const limit = Date.now() + 1_000; Date.now() < limit;)
    if (readdirSync(`/proc/${pid}/task`).every(isStopped)) return;
}

/** State X when the thread is gone. */
function statOf(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  } catch {
    return ') X';
  }
}

/** Resolves once the process is gone; a frozen one is thawed for it. @throws {Error} it does not end within 20 s */
export async function endProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!(await isRunning(pid))) return;
  process.kill(pid, signal);
  process.kill(pid, 'SIGCONT');
  for (const limit = Date.now() + endLimit; await isRunning(pid); await sleep(20))
    if (Date.now() > limit) throw new Error(`Process ${pid} does not end; end it with kill -9 ${pid}.`);
}

/** A process that is going may still hold its ports, until the last of its threads is gone; its remains (a zombie) hold nothing. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return !(await ps('stat', pid)).startsWith('Z');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z') || threads.length > 1;
}

const ps = async (what: 'stat' | 'args', pid: number): Promise<string> =>
  (
    await promisify(execFile)('ps', ['-ww', '-o', `${what}=`, '-p', String(pid)]).catch(() => ({
      stdout: '',
    }))
  ).stdout;

/** Whether the process is the one that was started with this argument: its pid may be another's by now. */
export async function isMarked(pid: number, mark: string): Promise<boolean> {
  const isLinux = process.platform === 'linux';
  const args = isLinux
    ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    : await ps('args', pid);
  return args.includes(mark);
}

const endOf = async (log: string): Promise<string> =>
  (await readFile(log, 'utf8').catch(() => '')).trim().slice(-lastWords) || 'It said nothing.';
