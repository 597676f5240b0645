import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const fixture = fileURLToPath(new URL('process.fixture.mjs', import.meta.url));

/** Keeps what a process says. */
function listen(child: ChildProcessWithoutNullStreams) {
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    goOn: () => child.stdin.write('\n'),
    /** Closes the reading ends of its output. */
    deafen: () => [child.stdout, child.stderr].forEach((stream) => stream.destroy()),
    /** Resolves when it has said this. */
    said: async (text: string) => {
      while (!out.includes(text)) await once(child.stdout, 'data');
    },
    /** When it has ended, and whoever else writes where it wrote. */
    end: once(child, 'close').then(([code]) => ({
      code: code as number | null,
      out: linesOf(out),
      err: linesOf(err),
    })),
  };
}

const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1);

/** Runs the case with a process of its own that does the deed. */
async function inProcess(
  deed: string,
  body: (child: ReturnType<typeof listen>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-process-'));
  const compiled = join(folder, 'run-process.mjs');
  const { code } = await transformFile(fileURLToPath(new URL('run-process.ts', import.meta.url)), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  await writeFile(compiled, code);
  // A case that fails must not leave its process behind.
  const child = spawn(process.execPath, [fixture, compiled, deed], {
    timeout: 12_000,
    killSignal: 'SIGKILL',
  });
  try {
    await body(listen(child));
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
}

it.each(['SIGTERM', 'SIGINT'] as const)('drains on %s and ends well', (signal) =>
  inProcess('serve', async ({ said, kill, goOn, end }) => {
    await said('running');
    kill(signal);
    await said('draining');
    goOn();
    expect(await end).toEqual({
      code: 0,
      out: ['running', `seen ${signal}`, 'draining', 'drained'],
      err: [],
    });
  }),
);

it('drains once, however many signals come', () =>
  inProcess('serve', async ({ said, kill, goOn, end }) => {
    await said('running');
    kill('SIGTERM');
    await said('draining');
    kill('SIGINT');
    await said('seen SIGINT');
    goOn();
    const { code, out } = await end;
    expect({ code, drains: out.filter((line) => line === 'draining') }).toEqual({
      code: 0,
      drains: ['draining'],
    });
  }));

it('that is told to end while it starts starts, drains and ends', () =>
  inProcess('startSlowly', async ({ said, kill, goOn, end }) => {
    await said('running');
    kill('SIGTERM');
    await said('seen SIGTERM');
    goOn();
    await said('draining');
    goOn();
    expect(await end).toMatchObject({ code: 0, out: expect.arrayContaining(['drained']) });
  }));

it('is cut off when its start or its drain comes to no end', async () => {
  const cutOff = (deed: string): Promise<void> =>
    inProcess(deed, async ({ said, kill, end }) => {
      await said('running');
      kill('SIGTERM');
      expect(await end).toMatchObject({ code: 1, err: ['fixture: not drained after 4500 ms'] });
    });
  await Promise.all(['startNever', 'drainNever'].map(cutOff));
}, 15_000);

it('drains when the parent that holds its channel is killed', () =>
  inProcess('adopt', async ({ said, kill, end }) => {
    await said('orphan started');
    kill('SIGKILL');
    expect((await end).out).toContain('orphan drained');
  }));

it('drains although nobody reads its output any more', () =>
  inProcess('drainAloud', async ({ said, kill, deafen, end }) => {
    await said('running');
    deafen();
    kill('SIGTERM');
    expect((await end).code).toBe(0);
  }));

it.each(['fail', 'failLater'])('says one line, without a stack, of an error with a code: %s', (deed) =>
  inProcess(deed, async ({ end }) => {
    const { code, err } = await end;
    expect({ code, err }).toEqual({ code: 1, err: ['fixture: Port 1 is in use.'] });
  }),
);

it('ends badly when draining fails', () =>
  inProcess('failToDrain', async ({ said, kill, end }) => {
    await said('running');
    kill('SIGTERM');
    expect(await end).toMatchObject({ code: 1, err: ['fixture: Port 1 is in use.'] });
  }));

it('shows where a mistake in the program was made', () =>
  inProcess('failByMistake', async ({ end }) => {
    const { code, err } = await end;
    expect(code).toBe(1);
    expect(err[0]).toBe('fixture: Error: Port 1 is in use.');
    expect(err[1]).toMatch(/^    at .*process\.fixture\.mjs/);
  }));
