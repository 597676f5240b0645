import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { bench } from './bench.ts';
import { markdown } from './report/markdown.ts';
import { appends } from './scenarios/appends.ts';
import { commands } from './scenarios/commands.ts';
import { eventStoreDbAppends } from './scenarios/eventstoredb-appends.ts';
import { eventStoreDbCatchUp } from './scenarios/eventstoredb-catch-up.ts';
import { eventStoreDbCommands } from './scenarios/eventstoredb-commands.ts';
import { latency } from './scenarios/latency.ts';
import { reads } from './scenarios/reads.ts';
import { life } from './scenarios/life.ts';
import { rebuild } from './scenarios/rebuild.ts';
import { rebuildStores } from './scenarios/rebuild-stores.ts';
import { soak } from './scenarios/soak.ts';
import { stores } from './scenarios/stores.ts';
import { settingsOf } from './settings.ts';

const usual = [commands, reads, appends, latency];
const eventStoreDb = [eventStoreDbCommands, eventStoreDbCatchUp, eventStoreDbAppends];
const all = [...usual, rebuild, rebuildStores, stores, life, soak, ...eventStoreDb];
/** The scenarios, and groups of them by what comes before the first dash. */
const choices = [...new Set(all.flatMap(({ name }) => [name.replace(/-.*/, ''), name]))];
const results = fileURLToPath(new URL('../../../dist/bench/', import.meta.url));

type Options = {
  readonly quick: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly out?: string;
  readonly json: boolean;
};

const whole = (least: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d{1,6}$/.test(text) || value < least)
    throw new InvalidArgumentError(`It must be a whole number from ${least} to 999999.`);
  return value;
};

const isOf = (chosen: string, name: string): boolean => name === chosen || name.startsWith(`${chosen}-`);

const program = new Command('bench')
  .description('Measures Cartage against servers and stores that do less, side by side in one run.')
  .addArgument(
    new Argument(
      '[scenario...]',
      'all but rebuild, stores, life, soak and those of EventStoreDB when none is named',
    ).choices(choices),
  )
  .option('--quick', 'short windows, two minutes in all', false)
  .option('--rounds <n>', 'how often each side is measured', whole(1), 5)
  .option('--seed <n>', 'decides which cart is asked for what, and when', whole(0), 1)
  .option('--out <folder>', 'where the results go (and, meanwhile, the data); dist/bench/<time> when absent')
  .option('--json', 'print the JSON instead of the table', false)
  .addHelpText(
    'after',
    `\nScenarios:\n${all.map(({ name, title }) => `  ${name.padEnd(23)}${title}`).join('\n')}`,
  )
  .action(async (names: readonly string[], { quick, rounds, seed, out, json }: Options) => {
    const chosen = names.length > 0 ? all.filter(({ name }) => names.some((one) => isOf(one, name))) : usual;
    const folder = resolve(out ?? `${results}${new Date().toISOString().replaceAll(':', '-')}`);
    const report = await bench(chosen, settingsOf(quick, rounds, seed), folder);
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : markdown(report));
    if (report.failures.length > 0) process.exitCode = 1;
    process.stderr.write(`Written to ${folder}: bench.json, bench.md, bench.svg\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
