import { InvalidConfiguration, openEventStore, readConfig, type StoreUrl } from '@cartage/runtime';
import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import { openExistingEventStore, redacted } from '../stores.ts';
import { type Copied, copyLog } from './copy.ts';

export function addCopyLog(program: Command): void {
  program
    .command('copy-log')
    .description('Copies every stream from one event store to another and proves that both hold the same.')
    .argument('<from>', 'URL of an event store, as in EVENT_STORE')
    .argument('<to>', 'URL of an empty one, or of one that an earlier run began to fill')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  $ npx cartage copy-log embedded:./.data/events 'esdb://127.0.0.1:2113?tls=false'

End all that writes to <from> first. Ids and revisions are kept, positions are not: give READ_STORES a new generation
afterwards, which the projector fills from the new log. Interrupted, run it again: it goes on where it stopped. Credentials:
in the URLs, or EVENT_STORE_USERNAME and EVENT_STORE_PASSWORD.

Exit code 1: <from> lacks events or was written to, <to> holds others, or they differ.`,
    )
    .action(act);
}

async function act(fromUrl: string, toUrl: string, { json }: { json?: true }): Promise<void> {
  const [source, target] = [storeAt('<from>', fromUrl), storeAt('<to>', toUrl)];
  if (source.url === target.url) throw new UsageError('<from> and <to> are the same event store.');
  const from = await openExistingEventStore(source);
  try {
    const to = await openEventStore(target);
    try {
      const report = await copyLog(from, to);
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : textOf(report, target));
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** @throws {UsageError} the URL is of no event store */
function storeAt(argument: string, url: string): StoreUrl {
  try {
    return readConfig({ EVENT_STORE: url }).eventStore;
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    throw new UsageError(error.message.replace(/^[^]*EVENT_STORE:/, `${argument}:`));
  }
}

const textOf = ({ streams, events, copied, truncated }: Copied, target: StoreUrl): string =>
  `${redacted(target.url)} holds the same ${events} events in ${streams} streams: ${copied} copied now, ${truncated} streams truncated as in the source.
`;
