import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLine } from '../start/welcome.ts';
import { cartage, inFolder, slow, withSystem } from '../testing/system.ts';

const addMug = (shop = ''): string => execFileSync('sh', ['-c', tryLine(shop)], { encoding: 'utf8' });

test(
  'nothing is wrong while a system runs, nor after it ended',
  () =>
    inFolder(async (folder) => {
      let ports = {};
      await withSystem(folder, [], async ({ urls, env }) => {
        ports = env;
        addMug(urls['shop']);
        const { code, stdout } = await cartage(folder, ['doctor'], env);
        expect(stdout).toContain('ok     read store embedded: carts.0-9999 is level with the log');
        expect(stdout).toContain(`ok     api: ready at ${urls['shop']}`);
        expect(stdout).toContain('Nothing is wrong.');
        expect(code).toBe(0);
      });
      const { code, stdout } = await cartage(folder, ['doctor'], ports);
      expect(stdout).toContain('event store: embedded:./.data/events: it ends at position');
      expect(stdout).toContain('note   processes: none is running');
      expect(code).toBe(0);
    }),
  slow,
);

test(
  'a system that never was started has nothing wrong',
  () =>
    inFolder(async (folder) => {
      const { code, stdout } = await cartage(folder, ['doctor'], {
        PORT: '1',
        PROJECTOR_PORT: '1',
        CONTROL_PORT: '1',
      });
      expect(stdout).toMatch(/note {3}event store: \S+ does not exist yet/);
      expect(code).toBe(0);
    }),
  slow,
);

test(
  'says what does not run, and what is behind because of it',
  () =>
    inFolder((folder) =>
      withSystem(folder, ['--only', 'api'], async ({ urls, env }) => {
        addMug(urls['shop']);
        const dead = { ...env, PROJECTOR_PORT: '1', CONTROL_PORT: '1' };
        const { code, stdout } = await cartage(folder, ['doctor', '--json'], dead);
        const { findings } = JSON.parse(stdout) as {
          findings: { level: string; area: string; text: string }[];
        };
        const wrong = findings
          .filter(({ level }) => level === 'problem')
          .map(({ area, text }) => `${area}: ${text}`);
        expect(wrong).toEqual([
          expect.stringMatching(/^read store embedded: carts\.0-9999 is \d+ positions behind the log$/),
          expect.stringContaining('projector: not running at http://127.0.0.1:1'),
          expect.stringContaining('control: not running at http://127.0.0.1:1'),
        ]);
        expect(code).toBe(1);
      }),
    ),
  slow,
);

test(
  'finds a data folder that is no folder',
  () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const { code, stdout } = await cartage(folder, ['doctor'], { EVENT_STORE: 'embedded:./file' });
      expect(stdout).toMatch(/WRONG {2}event store: \S+file is no folder\n {8}→ /);
      expect(code).toBe(1);
    }),
  slow,
);

test(
  'names every mistake in the settings instead of failing on them',
  () =>
    inFolder(async (folder) => {
      const { code, stdout } = await cartage(folder, ['doctor'], { PORT: 'x', RATE_LIMIT: '-1' });
      expect(stdout).toContain('WRONG  configuration: PORT=x');
      expect(stdout).toContain('WRONG  configuration: RATE_LIMIT=-1');
      expect(stdout).toContain('2 to mend.');
      expect(code).toBe(1);
    }),
  slow,
);
