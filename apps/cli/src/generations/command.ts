import { readConfig } from '@cartage/runtime';
import type { Command } from 'commander';
import { openExistingEventStore } from '../stores.ts';
import { choose, drop, type Listed, list } from './generations.ts';

export function addGenerations(program: Command): void {
  program
    .command('generations')
    .description('Shows which generations of the read stores there are, and how far each has come.')
    .option('--no-count', 'do not look at every view to count carts and bytes')
    .option('--json', 'print one JSON object a generation')
    .action(async ({ count, json }: { readonly count: boolean; readonly json?: true }) => {
      const config = readConfig(process.env);
      const events = await openExistingEventStore(config.eventStore);
      try {
        for await (const found of list(events, config, count))
          process.stdout.write(json ? `${JSON.stringify(found, asText)}\n` : textOf(found));
      } finally {
        await events.close();
      }
    });
  program
    .command('use')
    .description(
      'Chooses the generation of a read store that is read and kept by every process started from now on.',
    )
    .argument('<store>', 'name of a store in READ_STORES, whose URL names no generation')
    .argument('<generation>', 'one that has caught up with the log')
    .addHelpText(
      'after',
      `
Example:
  $ npx cartage rebuild embedded --generation v2 --once && npx cartage use embedded v2

Restart the API, the projector and control afterwards, one by one. The choice is an event in the log (stream "operations").
The way back is the same: cartage use embedded v1.`,
    )
    .action((name: string, generation: string) => decide(choose, name, generation));
  program
    .command('drop')
    .description('Removes a generation of a read store with all it holds. The log is not touched.')
    .argument('<store>', 'name of a store in READ_STORES')
    .argument('<generation>', 'one that is not in use')
    .action((name: string, generation: string) => decide(drop, name, generation));
}

async function decide(decision: typeof choose, name: string, generation: string): Promise<void> {
  const config = readConfig(process.env);
  const events = await openExistingEventStore(config.eventStore);
  try {
    process.stdout.write(`${await decision(events, config, name, generation)}\n`);
  } finally {
    await events.close();
  }
}

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);

function textOf({ store, generation, inUse, position, lag, carts, bytes, trouble }: Listed): string {
  const facts = [
    position === null
      ? 'nothing projected'
      : `position ${position}, ${lag === 0 ? 'level with the log' : `${lag} behind`}`,
    ...(carts === null ? [] : [`${carts} carts, ${bytes} bytes`]),
    ...(trouble === undefined ? [] : [trouble]),
  ];
  return `${store} ${generation}${inUse ? ' (in use)' : ''}: ${facts.join(', ')}\n`;
}
