import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Processes, untilListening } from './processes.ts';

/** Runs a program of a few lines, and afterwards ends it and removes it. */
async function withProgram(
  source: string,
  use: (processes: Processes, script: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-bench-'));
  const processes = new Processes();
  try {
    const script = join(folder, 'program.mjs');
    await writeFile(script, source);
    await use(processes, script);
  } finally {
    await processes.stop();
    await rm(folder, { recursive: true });
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('processes', () => {
  it('answer what they are asked', async () => {
    await withProgram(
      `process.on('message', ({ a }) => process.send({ b: a + 1 }));`,
      async (processes, script) => {
        const started = processes.start({ name: 'Adder', script });
        expect(await started.ask({ a: 1 })).toEqual({ b: 2 });
      },
    );
  });

  it('say in their last words why they ended', async () => {
    const source = `console.error('the disk is on fire'); process.exit(3);`;
    await withProgram(source, async (processes, script) => {
      const started = processes.start({ name: 'Burner', script });
      await expect(started.whileRunning(new Promise(() => {}))).rejects.toThrow(
        'Burner ended (exit code 3). the disk is on fire',
      );
    });
  });

  it('are gone after stop, one that ended by itself among them', async () => {
    await withProgram(`setTimeout(() => {}, process.argv[2] * 1000)`, async (processes, script) => {
      const long = processes.start({ name: 'Long', script, args: ['60'] });
      const short = processes.start({ name: 'Short', script, args: ['0'] });
      await expect(short.whileRunning(new Promise(() => {}))).rejects.toThrow('exit code 0');
      expect(isRunning(long.pid)).toBe(true);
      await processes.stop();
      expect(isRunning(long.pid)).toBe(false);
    });
  });

  it('are waited for until they listen', async () => {
    const source = `import { createServer } from 'node:net';
      setTimeout(() => createServer().listen(Number(process.env.PORT), '127.0.0.1'), 100);`;
    await withProgram(source, async (processes, script) => {
      const port = await freePort();
      const started = processes.start({ name: 'Server', script, env: { PORT: String(port) } });
      await expect(started.whileRunning(untilListening(port))).resolves.toBeUndefined();
    });
  });
});
