import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { scenarios } from './scenarios/index.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

type Ended = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

const faults = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test('--help names every scenario', async () => {
  const { code, stdout } = await faults('--help');
  for (const { name } of scenarios) expect(stdout).toContain(name);
  expect(code).toBe(0);
});

test.each([
  [['nonsense'], 'Allowed choices are durability, replay, replay-projector'],
  [['--rounds', '0'], 'It must be a whole number from 1 to 10000.'],
  [['--seed', 'x'], 'It must be a whole number from 0 to 4294967295.'],
  [['--file', 'none.csv'], 'There is no such file.'],
])('says what is wrong with %j, and runs nothing', async (args, message) => {
  const { code, stdout, stderr } = await faults(...args);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(code).toBe(1);
});
