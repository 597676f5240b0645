import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { runScenario } from './faults.ts';
import { newSeed } from './random.ts';
import { fixture, scenarios } from './scenarios/index.ts';
import { textOf } from './text.ts';

type Options = {
  readonly rounds?: number;
  readonly seed?: number;
  readonly short: boolean;
  readonly file: string;
  readonly json: boolean;
};

const whole = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < least || value > most)
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  return value;
};

function existing(text: string): string {
  if (!existsSync(text)) throw new InvalidArgumentError('There is no such file.');
  return resolve(text);
}

/** The scenarios, and groups of them by what comes before a dash. */
const choices = [
  ...new Set(
    scenarios.flatMap(({ name }) => {
      const words = name.split('-');
      return words.map((_, at) => words.slice(0, at + 1).join('-'));
    }),
  ),
];

const program = new Command('faults')
  .description(
    'Kills, freezes, cuts off and fills up a Cartage of real processes, and proves that it loses nothing.',
  )
  .addArgument(new Argument('[scenario...]', 'all of them when none is named').choices(choices))
  .option('--rounds <n>', 'how often the fault is made; each scenario has its own number', whole(1, 10_000))
  .option('--seed <n>', 'repeats what another run did, and when', whole(0, 2 ** 32 - 1))
  .option('--short', 'fewer rounds, and shorter ones: ten minutes in all', false)
  .option(
    '--file <csv>',
    'what is replayed: rows in the columns of the UCI Online Retail data set',
    existing,
    fixture,
  )
  .option('--json', 'print one JSON object per scenario', false)
  .addHelpText(
    'after',
    `
Scenarios:
${scenarios.map(({ name, title, rounds }) => `  ${name.padEnd(24)}${title} (${rounds.long} rounds)`).join('\n')}

Example:
  $ npm run faults -- durability --rounds 50 --seed 7

Runs on this machine alone, in folders that are removed. Exit code 1: something was lost, or differs.`,
  )
  .action(async (names: readonly string[], { short, file, json, ...options }: Options) => {
    const chosen = scenarios.filter(
      ({ name }) => names.length === 0 || names.some((one) => name === one || name.startsWith(`${one}-`)),
    );
    for (const scenario of chosen) {
      const lack = await scenario.lack?.();
      if (lack !== undefined) {
        process.stderr.write(`${scenario.name}: NOT RUN. ${lack}\n`);
        if (process.env['CI']) process.exitCode = 1;
        continue;
      }
      const rounds = options.rounds ?? scenario.rounds[short ? 'short' : 'long'];
      const seed = options.seed ?? newSeed();
      const result = await runScenario(scenario, { seed, rounds, file, isShort: short });
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : textOf(result));
      if (result.differences.length > 0) process.exitCode = 1;
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`faults: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// What a scenario that failed has left under way is of no use any more.
process.exit();
