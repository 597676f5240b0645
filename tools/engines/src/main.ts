import { fileURLToPath } from 'node:url';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { EventStoreDbEngine, type Running } from './engine.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

type Options = {
  readonly port?: number;
  readonly file?: string;
  readonly data: string;
  readonly json: boolean;
};

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return value;
}

const program = new Command('engines')
  .description('Starts and ends engines for development and tests.')
  .addHelpText(
    'after',
    `
Without Docker and docker-compose.yml, eventstoredb is a facade: it speaks EventStoreDB's protocol and answers as EventStoreDB
23.10.7 was measured to, but it is not EventStoreDB. Suites use what TEST_EVENTSTOREDB names.`,
  );

function verb(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addArgument(new Argument('<engine>').choices(['eventstoredb']))
    .option('--data <folder>', 'where the facade keeps its log', `${root}.data/engines`)
    .option('--json', 'print one line of JSON', false);
}

const engineOf = ({ data }: Options): EventStoreDbEngine =>
  new EventStoreDbEngine(data, `${root}docker-compose.yml`);

verb('up', 'starts it, unless it runs already')
  .option('--port <n>', 'of the facade on 127.0.0.1 (default: 2113)', port)
  .option('--file <f>', 'where the facade keeps its log (default: in the data folder)')
  .action(async (_: string, options: Options) => {
    const running = await engineOf(options).up({
      ...(options.port !== undefined && { port: options.port }),
      ...(options.file !== undefined && { file: options.file }),
    });
    say(options, running, linesOf(running));
  });

verb('down', 'ends it').action(async (_: string, options: Options) => {
  const ended = await engineOf(options).down();
  say(options, { ended }, [ended === undefined ? 'It did not run.' : `Ended: ${ended.name}`]);
});

verb('status', 'says whether it runs; exit code 1 when it does not').action(
  async (_: string, options: Options) => {
    const running = await engineOf(options).status();
    say(options, { running }, running === undefined ? ['It does not run.'] : linesOf(running));
    if (running === undefined) process.exitCode = 1;
  },
);

function linesOf(running: Running): readonly string[] {
  const own =
    running.kind === 'facade'
      ? [`This is an ${running.name}: ${running.why}.`, `CONTROL ${running.control} (process ${running.pid})`]
      : [running.name];
  return [...own, `READY ${running.url}`, `TEST_EVENTSTOREDB=${running.url}`];
}

function say({ json }: Options, value: object, lines: readonly string[]): void {
  process.stdout.write(`${json ? JSON.stringify(value) : lines.join('\n')}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`engines: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
