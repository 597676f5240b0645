import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { healthOf } from '../processes.ts';
import { cartage, inFolder, isAlive, slow, until, withSystem } from '../testing/system.ts';
import { tryLine } from './welcome.ts';

const stateOf = async (url = ''): Promise<string> => (await healthOf(new URL(url).origin)).state;

test(
  'starts what takes an order from the line it prints, and ends it when it is told to',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async ({ urls, pids, starter, ended }) => {
        expect(Object.keys(pids)).toEqual(['api', 'projector', 'control']);
        const { stdout } = await promisify(execFile)('sh', ['-c', tryLine(urls['shop'] ?? '')]);
        expect(JSON.parse(stdout)).toMatchObject({ status: 'open', lines: [{ sku: 'mug', quantity: 2 }] });
        starter.kill('SIGTERM');
        expect(await ended).toBe(0);
        expect(Object.values(pids).filter(isAlive)).toEqual([]);
      }),
    ),
  slow,
);

test(
  'starts a killed process again, at the same place',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async ({ urls, pids, stderr }) => {
        process.kill(pids['projector'] ?? 0, 'SIGKILL');
        await until(() => stderr().includes('[projector] ended (SIGKILL); starts again in 1 s'));
        await until(async () => (await stateOf(urls['projector'])) === 'ready');
        expect(await stateOf(urls['shop'])).toBe('ready');
        expect(isAlive(pids['api'] ?? 0)).toBe(true);
      }),
    ),
  slow,
);

test(
  'its processes end by themselves when it is killed',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async ({ pids, starter }) => {
        starter.kill('SIGKILL');
        await until(() => !Object.values(pids).some(isAlive));
      }),
    ),
  slow,
);

test(
  '--only starts what it names',
  () =>
    inFolder((folder) =>
      withSystem(folder, ['--only', 'control,projector'], async ({ urls, pids }) => {
        expect(Object.keys(pids)).toEqual(['projector', 'control']);
        expect(Object.keys(urls)).toEqual(['projector', 'control']);
      }),
    ),
  slow,
);

test(
  'says which port is in use, and starts nothing',
  () =>
    inFolder(async (folder) => {
      const other = createServer();
      await new Promise<void>((up) => other.listen(0, '127.0.0.1', up));
      const { port } = other.address() as AddressInfo;
      const env = { PORT: '0', OPERATOR_PORT: '0', PROJECTOR_PORT: '0', CONTROL_PORT: `${port}` };
      const { code, stderr } = await cartage(folder, ['start'], env);
      await new Promise((down) => other.close(down));
      expect(code).toBe(1);
      expect(stderr).toBe(
        `cartage: Port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another port.\n`,
      );
    }),
  slow,
);

test(
  'ends everything with the message of a process that cannot start',
  () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const env = { PORT: '0', OPERATOR_PORT: '0', EVENT_STORE: 'embedded:./file' };
      const { code, stdout, stderr } = await cartage(folder, ['start', '--only', 'api'], env);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/\[api\] .*file.*\n(.*\n)*cartage: api cannot start \(exit code 1\)/);
    }),
  slow,
);

test(
  'names every mistake in the settings',
  () =>
    inFolder(async (folder) => {
      const { code, stderr } = await cartage(folder, ['start'], { PORT: 'x', CONTROL_PORT: '70000' });
      expect(code).toBe(1);
      expect(stderr).toContain('PORT=x: expected a whole number');
      expect(stderr).toContain('CONTROL_PORT=70000: expected a whole number');
    }),
  slow,
);

test(
  'refuses a name it does not know',
  () =>
    inFolder(async (folder) => {
      const { code, stderr } = await cartage(folder, ['start', '--only', 'api,shop']);
      expect(code).toBe(2);
      expect(stderr).toContain('Give some of api,projector,control.');
    }),
  slow,
);
