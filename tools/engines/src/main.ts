import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type EngineName, engineNames, variableOf } from './engine.ts';
import { Engines, type Running } from './engines.ts';
import type { LaunchOptions } from './recipe.ts';
import { dataFolder, MissingToolchain } from './toolchain.ts';

type Options = { readonly data: string; readonly json: boolean };
/** What became of one engine; `missing` says why it cannot be had. */
type Outcome = { readonly name: EngineName; readonly running?: Running; readonly missing?: string };

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return value;
}

const program = new Command('engines')
  .description('Starts and ends engines for development and tests, on this machine only.')
  .addHelpText(
    'after',
    `
What each is without Docker (where a Docker engine answers, docker-compose.yml is used, except for dynamodb):
  eventstoredb  a facade: it speaks EventStoreDB's protocol and answers as 23.10.7 was measured to, but is not EventStoreDB
  cassandra     Cassandra 5.0.9 from Maven (45 MB, once); needs Java 11 to 17 and Maven
  dynamodb      dynoxide, which speaks DynamoDB's protocol
  mongodb       a mongod on the PATH, else a stand-in that speaks MongoDB's protocol; needs JDK 17 and Maven (once)
Suites use what TEST_EVENTSTOREDB, TEST_CASSANDRA, TEST_DYNAMODB and TEST_MONGODB name, else what runs from here.`,
  );

function verb(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addArgument(new Argument('[engines...]', 'which; default: all').choices(engineNames))
    .option('--data <folder>', 'where engines keep their data', dataFolder)
    .option('--json', 'print one line of JSON', false);
}

type UpOptions = Options & { readonly port?: number; readonly file?: string; readonly nodes?: '1' | '3' };

verb('up', 'starts them, unless they run already; all: those that can be had here')
  .option('--port <n>', 'of the only engine named (default: the usual one when it is free)', port)
  .addOption(new Option('--nodes <n>', 'of cassandra: 3 are on 127.0.0.1 to 127.0.0.3').choices(['1', '3']))
  .option('--file <f>', 'where the eventstoredb facade keeps its log (default: in the data folder)')
  .action(async (names: readonly EngineName[], options: UpOptions) => {
    const launch = launchOptions(names, options);
    const outcomes: Outcome[] = [];
    for (const name of all(names)) outcomes.push(await up(name, names, launch, options));
    say(options, outcomes, linesOf);
    if (outcomes.every(({ running }) => running === undefined)) process.exitCode = 1;
  });

verb('down', 'ends them').action(async (names: readonly EngineName[], options: Options) => {
  const engines = new Engines(options.data);
  const outcomes = all(names).map(async (name) => outcome(name, await engines.down(name)));
  say(options, await Promise.all(outcomes), ({ name, running }) => [
    running === undefined ? `${name} did not run.` : `Ended: ${running.engine.title}`,
  ]);
});

verb('status', 'says what runs; exit code 1 when something that was named does not').action(
  async (names: readonly EngineName[], options: Options) => {
    const engines = new Engines(options.data);
    const outcomes = await Promise.all(
      all(names).map(async (name) => outcome(name, await engines.status(name))),
    );
    say(options, outcomes, linesOf);
    if (names.length > 0 && outcomes.some(({ running }) => running === undefined)) process.exitCode = 1;
  },
);

const all = (names: readonly EngineName[]): readonly EngineName[] => (names.length > 0 ? names : engineNames);

const outcome = (name: EngineName, running: Running | undefined): Outcome => ({
  name,
  ...(running && { running }),
});

/** An engine that was named must come up; of all, those that can. */
async function up(
  name: EngineName,
  named: readonly EngineName[],
  launch: LaunchOptions,
  { data }: Options,
): Promise<Outcome> {
  try {
    return { name, running: await new Engines(data).up(name, launch) };
  } catch (error) {
    if (!(error instanceof MissingToolchain) || named.length > 0) throw error;
    return { name, missing: error.message };
  }
}

/** @throws {Error} an option does not belong to what is named */
function launchOptions(names: readonly EngineName[], { port: given, file, nodes }: UpOptions): LaunchOptions {
  const [only] = names.length === 1 ? names : [];
  if (given !== undefined && only === undefined) throw new Error('--port needs the one engine it is for.');
  if (nodes !== undefined && only !== 'cassandra') throw new Error('--nodes is for cassandra alone.');
  if (file !== undefined && only !== 'eventstoredb') throw new Error('--file is for eventstoredb alone.');
  return {
    ...(given !== undefined && { port: given }),
    ...(file !== undefined && { file }),
    ...(nodes !== undefined && { nodes: nodes === '3' ? 3 : 1 }),
  };
}

function linesOf({ name, running, missing }: Outcome): readonly string[] {
  if (running === undefined) return [missing ?? `${name} does not run.`];
  const { title, url } = running.engine;
  const how =
    running.kind === 'docker'
      ? ['in Docker']
      : [
          `processes ${running.nodes.map(({ pid }) => pid).join(' ')}, not in Docker: ${running.why}`,
          ...running.notes,
        ];
  return [`${name}: ${title} (${how[0]})`, ...how.slice(1), `READY ${url}`, `${variableOf(name)}=${url}`];
}

function say(
  { json }: Options,
  outcomes: readonly Outcome[],
  lines: (outcome: Outcome) => readonly string[],
): void {
  process.stdout.write(`${json ? JSON.stringify(outcomes) : outcomes.flatMap(lines).join('\n')}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`engines: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
