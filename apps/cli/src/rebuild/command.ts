import { readConfig } from '@cartage/runtime';
import type { Command } from 'commander';
import { exitCode } from '../exit.ts';
import { checkedGeneration, storeNamed } from '../generations/store-named.ts';
import { openExistingEventStore } from '../stores.ts';
import { type Options, parseRange, parseRate, parseUntil } from './options.ts';
import { textOf } from './progress-line.ts';
import { run, type Summary } from './run.ts';

export function addRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('Fills a generation of a read store from the log, and keeps it current until Ctrl-C.')
    .argument('<store>', 'name of a store in READ_STORES')
    .requiredOption('--generation <name>', 'such as v2; it is made when there is none', checkedGeneration)
    .option(
      '--until <end>',
      'stop there: a position of the log, or a time as the log recorded it',
      parseUntil,
    )
    .option('--buckets <range>', 'only the carts of these buckets, such as 0-4999', parseRange)
    .option('--rate <events/s>', 'read no faster than that', parseRate)
    .option('--once', 'end at what is the end of the log now')
    .option('--verify', 'at the end compare every view with the fold of the log')
    .option('--json', 'print a JSON object every 5 s, and a last one that sums up')
    .addHelpText(
      'after',
      `
Examples:
  $ npx cartage rebuild embedded --generation v2 --once --verify && npx cartage use embedded v2
  $ npx cartage rebuild embedded --generation before --until 2026-11-26T14:03:00Z

Killed or ended, run it again: it goes on where it was, and a run that is done writes nothing more. Only one run fills a
generation: a second one takes over and the first stops. Carts that may be purged already are left out.

Exit code 1: another run took over, the log is another than the store was built from, or --verify found differences.`,
    )
    .action(act);
}

async function act(name: string, options: Options): Promise<void> {
  const config = readConfig(process.env);
  const store = storeNamed(config, name);
  const events = await openExistingEventStore(config.eventStore);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const summary = await run(config, store, events, options, ending.signal, {
      onStep: (step) => (options.json ? print(step) : say(textOf(step))),
      say,
    });
    if (options.json) print(summary);
    else process.stdout.write(sentenceOf(summary));
    if (summary.verified && summary.verified.differing > 0) process.exitCode = exitCode.trouble;
  } finally {
    await events.close();
  }
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const say = (line: string): boolean => process.stderr.write(`rebuild: ${line}\n`);

function sentenceOf({
  events,
  carts,
  written,
  skipped,
  expired,
  parked,
  seconds,
  verified,
}: Summary): string {
  const done = `${events} events of ${carts} new carts in ${seconds} s: ${written} views written, ${expired} left out as expired, ${skipped} events skipped, ${parked} carts parked.\n`;
  if (!verified) return done;
  const { views, differing } = verified;
  return `${done}${views} views compared with the log: ${differing === 0 ? 'all equal' : `${differing} differ`}.\n`;
}
