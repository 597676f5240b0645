import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withFolder } from './testing/clients.ts';

/** What the command prints, and how it ends. */
async function engines(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> {
  const program = [
    '--conditions=@cartage/source',
    '--import',
    new URL('../../test/typescript.mjs', import.meta.url).href,
    fileURLToPath(new URL('main.ts', import.meta.url)),
  ];
  const {
    code = 0,
    stdout,
    stderr,
  } = await promisify(execFile)(process.execPath, [...program, ...args]).catch((error: unknown) =>
    Object(error),
  );
  return { code, said: `${stdout}${stderr}` };
}

it(
  'starts an engine that stays when the command has ended, says where it is, and ends it',
  withFolder(async (data) => {
    expect(await engines('status', 'dynamodb', '--data', data)).toEqual({
      code: 1,
      said: 'dynamodb does not run.\n',
    });
    const up = await engines('up', 'dynamodb', '--port', '0', '--data', data);
    expect(up.code).toBe(0);
    expect(up.said).toMatch(
      /^TEST_DYNAMODB=dynamodb:\/\/local\/cartage\?endpoint=http:\/\/127\.0\.0\.1:\d+$/m,
    );
    const { said } = await engines('status', 'dynamodb', '--json', '--data', data);
    expect(JSON.parse(said)).toMatchObject([{ name: 'dynamodb', running: { engine: { real: false } } }]);
    expect(up.said).toContain(JSON.parse(said)[0].running.engine.url);
    expect(await engines('down', '--data', data)).toMatchObject({
      code: 0,
      said: expect.stringContaining('Ended: DynamoDB protocol (dynoxide 1.2.1)'),
    });
  }),
  60_000,
);

it.each([
  [['up', 'oracle'], 'Allowed choices are eventstoredb, cassandra, dynamodb, mongodb.'],
  [['up', 'dynamodb', '--port', '70000'], 'It must be a whole number from 0 to 65535.'],
  [['up', '--port', '8000'], '--port needs the one engine it is for.'],
  [['up', 'mongodb', '--nodes', '3'], '--nodes is for cassandra alone.'],
  [['up', 'mongodb', '--file', 'log'], '--file is for eventstoredb alone.'],
])(
  'refuses %p',
  async (args, expected) => {
    const { code, said } = await engines(...args);
    expect(said).toContain(expected);
    expect(code).not.toBe(0);
  },
  30_000,
);
