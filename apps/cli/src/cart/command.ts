import { partsOf, streamOf } from '@cartage/cart';
import { type Config, readConfig, storesInUse, type StoreUrl } from '@cartage/runtime';
import type { Command } from 'commander';
import { exitCode, messageOf, Trouble, UsageError } from '../exit.ts';
import { openExistingEventStore, openExistingReadStore } from '../stores.ts';
import { compareStores, compareView, type Entry, historyOf, type Stored } from './history.ts';
import { sideBySide } from './side-by-side.ts';
import { historyText, storedText } from './text.ts';

export function addCart(program: Command): void {
  program
    .command('cart')
    .description(
      "Shows a cart's events, the cart after each of them, and what each read store holds of it, side by side.",
    )
    .argument('<cartId>', 'such as u~42~main, of a guest g~<guest id>~main')
    .option('--full', 'show whole events and carts as JSON')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  $ npx cartage cart u~42~main

A view is compared with the log at the view's own revision, in its canonical form; of several stores ≠ marks what differs.
Exit code 1: there is no such cart, an event cannot be read, a store holds something else than the log or is out of reach.`,
    )
    .action(async (id: string, options: { full?: true; json?: true }) => {
      const found = await look(id, readConfig(process.env));
      const { history, stored } = found;
      const text =
        historyText(found.stream, history, options.full ?? false) +
        (stored.length > 1 ? `${sideBySide(stored, history)}\n` : '') +
        storedText(stored, history);
      process.stdout.write(options.json ? `${JSON.stringify({ id, ...found })}\n` : text);
      if (isTroubled(history, stored)) process.exitCode = exitCode.trouble;
    });
}

type Found = {
  readonly stream: string;
  readonly history: readonly Entry[];
  readonly stored: readonly Stored[];
};

async function look(id: string, config: Config): Promise<Found> {
  const stream = streamOf(checked(id));
  const events = await openExistingEventStore(config.eventStore);
  try {
    const read = (): Promise<readonly Entry[]> => historyOf(events, id, config.offPeak);
    const found = (await storesInUse(events, config.readStores)).map((store) => lookIn(store, id, read));
    const stored = compareStores(await Promise.all(found));
    const history = await read();
    if (history.length > 0 || stored.some(({ view }) => view)) return { stream, history, stored };
    throw new Trouble(
      `There is no cart ${id}. A customer's id is u~<user id>~<name>, a guest's g~<guest id>~<name>; the name is mostly main.`,
    );
  } finally {
    await events.close();
  }
}

/** The log is read after the store: in a cart that goes on changing, it is never the older one. */
async function lookIn(
  store: StoreUrl,
  id: string,
  history: () => Promise<readonly Entry[]>,
): Promise<Stored> {
  try {
    const opened = await openExistingReadStore(store);
    try {
      const view = await opened.get(id);
      return compareView(store.name, view, await history());
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { store: store.name, state: 'unreachable', reason: messageOf(error) };
  }
}

function checked(id: string): string {
  try {
    partsOf(id);
    return id;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

const isTroubled = (history: readonly Entry[], stored: readonly Stored[]): boolean =>
  history.some(({ problem }) => problem !== undefined) ||
  stored.some(({ state }) => state === 'different' || state === 'unreachable');
