import { readConfig } from '@cartage/runtime';
import { type Command, InvalidArgumentError } from 'commander';
import { openExistingEventStore } from '../stores.ts';
import { retain } from './retention.ts';

const day = 24 * 60 * 60 * 1000; // ms

type Options = { readonly olderThan: number; readonly dryRun?: true; readonly json?: true };

export function addRetention(program: Command): void {
  program
    .command('retention')
    .description(
      "Truncates carts' streams before the event that opened the cart anew: what came before it matters to no cart.",
    )
    .option('--older-than <days>', 'only where the cart was opened that long ago, such as 35d', parseDays, 35)
    .option('--dry-run', 'only say what would be freed')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  $ npx cartage retention --older-than 90d --dry-run

Works on EVENT_STORE, while everything runs, and may be repeated at any time. No cart changes. The events are hidden from
reads at once; EventStoreDB gives their space back when it is scavenged.`,
    )
    .action(act);
}

async function act({ olderThan, dryRun, json }: Options): Promise<void> {
  const store = await openExistingEventStore(readConfig(process.env).eventStore);
  try {
    const freed = await retain(store, Date.now() - olderThan * day, dryRun ?? false);
    const report = { olderThanDays: olderThan, dryRun: dryRun ?? false, ...freed };
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : textOf(report));
  } finally {
    await store.close();
  }
}

type Report = { readonly dryRun: boolean; readonly streams: number; readonly events: number };

const textOf = ({ dryRun, streams, events }: Report): string =>
  `${dryRun ? 'Would free' : 'Freed'} ${events} events in ${streams} streams.\n`;

function parseDays(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (days === undefined) throw new InvalidArgumentError('Give a number of days such as 35d.');
  return Number(days);
}
