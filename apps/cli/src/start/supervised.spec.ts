import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Supervised } from './supervised.ts';

type Running = { readonly one: Supervised; readonly lines: string[]; readonly run: Promise<unknown> };

/** Supervises a script until the test is over. */
async function supervising(script: string, use: (running: Running) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-supervised-'));
  const path = join(folder, 'program.mjs');
  await writeFile(path, script);
  const lines: string[] = [];
  const one = new Supervised({ name: 'thing', script: path, env: {}, log: (line) => lines.push(line) });
  const run = one.run();
  run.catch(() => undefined);
  try {
    await use({ one, lines, run });
  } finally {
    one.stop();
    one.kill();
    await run.catch(() => undefined);
    await rm(folder, { recursive: true });
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const stays = 'console.log("up"); setInterval(() => {}, 1000);';

test('a process that dies after it was ready is started again', () =>
  supervising(stays, async ({ one, lines }) => {
    await until(() => lines.includes('up'));
    const first = one.pid ?? 0;
    one.wasReady();
    process.kill(first, 'SIGKILL');
    await until(() => lines.filter((line) => line === 'up').length === 2);
    expect(lines).toEqual(['up', 'ended (SIGKILL); starts again in 1 s', 'up']);
    expect(one.pid).not.toBe(first);
    expect(isAlive(first)).toBe(false);
  }));

test('a process that never became ready is given up', () =>
  supervising('console.error("thing: Port 1 is in use."); process.exitCode = 1;', async ({ lines, run }) => {
    await expect(run).rejects.toThrow('thing cannot start (exit code 1): what it said stands above.');
    expect(lines).toEqual(['thing: Port 1 is in use.']);
  }));

test('stopping lets the process drain and does not start it again', () =>
  supervising(
    `
    process.once('SIGTERM', () => { console.log('drained'); process.exit(0); }); ${stays}`,
    async ({ one, lines, run }) => {
      await until(() => lines.includes('up'));
      one.wasReady();
      one.stop();
      await run;
      expect(lines).toEqual(['up', 'drained']);
      expect(isAlive(one.pid ?? 0)).toBe(false);
    },
  ));

test('stopping while it waits to start again ends it at once', () =>
  supervising('process.exit(3);', async ({ one, lines, run }) => {
    one.wasReady();
    await until(() => lines.length > 0);
    one.stop();
    await run;
    expect(lines).toEqual(['ended (exit code 3); starts again in 1 s']);
  }));

test('killing ends a process that will not drain', () =>
  supervising(`process.on('SIGTERM', () => {}); ${stays}`, async ({ one, lines, run }) => {
    await until(() => lines.includes('up'));
    one.stop();
    one.kill();
    await run;
    expect(isAlive(one.pid ?? 0)).toBe(false);
  }));
