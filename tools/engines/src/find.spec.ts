import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Engines } from './engines.ts';
import { findEngine, launchEngine } from './index.ts';
import { withFolder } from './testing/clients.ts';
import { root } from './toolchain.ts';

const variable = 'TEST_DYNAMODB';

/** Runs a case with the variable set, or without it. */
const withVariable = async (url: string | undefined, run: () => Promise<void>): Promise<void> => {
  const before = process.env[variable];
  const put = (value: string | undefined): void => {
    if (value === undefined) delete process.env[variable];
    else process.env[variable] = value;
  };
  put(url);
  try {
    await run();
  } finally {
    put(before);
  }
};

it('finds the engine that the variable names, and asks it what it is', async () => {
  const launched = await launchEngine('dynamodb');
  try {
    await withVariable(launched.engine.url, async () =>
      expect(await findEngine('dynamodb')).toEqual(launched.engine),
    );
  } finally {
    await launched.stop();
  }
}, 30_000);

it(
  'finds the engine that was brought up',
  withFolder((folder) =>
    withVariable(undefined, async () => {
      const engines = new Engines(folder, join(folder, 'none.yml'));
      expect(await findEngine('dynamodb', engines)).toBeUndefined();
      const { engine } = await engines.up('dynamodb', { port: 0 });
      expect(await findEngine('dynamodb', engines)).toEqual(engine);
      await engines.down('dynamodb');
    }),
  ),
  30_000,
);

it('refuses to take a named engine that does not answer for none', () =>
  withVariable('dynamodb://local/carts?endpoint=http://127.0.0.1:1', () =>
    expect(findEngine('dynamodb')).rejects.toThrow('TEST_DYNAMODB names a dynamodb that does not answer'),
  ));

describe('suites on engines', () => {
  /** What a suite that uses it prints, in a test run of its own. */
  const outputOf = async (fixture: string, ci: string, long = ''): Promise<string> => {
    const jest = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url));
    const args = [
      '--rootDir',
      'tools/engines',
      '--reporters',
      'default',
      '--testMatch',
      `**/${fixture}.fixture.ts`,
    ];
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ['--experimental-vm-modules', jest, ...args, '--verbose'],
      { cwd: root, env: { ...process.env, CI: ci, LONG_TESTS: long, FORCE_COLOR: '0' } },
    ).catch((error: unknown) => Object(error));
    return String(stderr);
  };

  it('runs the suite on the engine and prints what that cannot prove', async () => {
    const output = await outputOf('present', '1');
    expect(output).toContain('on MongoDB protocol (stand-in)');
    expect(output).toContain('✓ is given the engine');
    expect(output).toContain(
      'not checked: that the engine removes what has expired; that a conflicting index is refused (MongoDB protocol (stand-in))',
    );
  }, 60_000);

  it('skips loudly without an engine', async () => {
    const output = await outputOf('absent', '');
    expect(output).toContain(
      '○ skipped NOT TESTED: there is no cassandra; run: npm run engines -- up cassandra',
    );
    expect(output).toContain('1 skipped, 1 passed');
  }, 60_000);

  it('fails in CI without an engine', async () => {
    const output = await outputOf('absent', '1');
    expect(output).toContain('✕ NOT TESTED: there is no cassandra');
    expect(output).toContain('1 failed, 1 passed');
  }, 60_000);

  it('skips loudly what takes minutes, unless it is asked for', async () => {
    const skipping = await outputOf('at-length', '');
    expect(skipping).toContain('○ skipped NOT TESTED: a node that fails (takes minutes');
    expect(skipping).toContain('1 skipped, 1 passed');
    expect(await outputOf('at-length', '', '1')).toContain('2 passed, 2 total');
  }, 60_000);
});
