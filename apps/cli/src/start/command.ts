import { readConfig } from '@cartage/runtime';
import { type Command, InvalidArgumentError } from 'commander';
import { type ProcessName, processNames } from '../processes.ts';
import { start } from './start.ts';

export function addStart(program: Command): void {
  program
    .command('start')
    .description('Runs the API, the projector and control until Ctrl-C, and restarts one that dies.')
    .option('--only <names>', `some of ${processNames.join(',')}`, parseNames, [...processNames])
    .option('--json', 'print one JSON object on stdout once everything is ready')
    .addHelpText(
      'after',
      `
Example:
  $ PORT=8080 npx cartage start --only api,projector

Ctrl-C drains everything within 5 s; a second one kills. What the processes print goes to stderr.
A port of 0 means a free one.`,
    )
    .action((options: { only: readonly ProcessName[]; json?: true }) =>
      start(readConfig(process.env), { names: options.only, json: options.json ?? false }),
    );
}

function parseNames(text: string): readonly ProcessName[] {
  const names = text.split(',').map((name) => name.trim());
  const chosen = processNames.filter((name) => names.includes(name));
  if (chosen.length < names.length) throw new InvalidArgumentError(`Give some of ${processNames.join(',')}.`);
  return chosen;
}
