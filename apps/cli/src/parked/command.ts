import { partsOf } from '@cartage/cart';
import { release } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import { type Config, readConfig, storesInUse, type StoreUrl, withGeneration } from '@cartage/runtime';
import type { EventStore } from '@cartage/event-store';
import type { Command } from 'commander';
import { messageOf, Trouble, UsageError } from '../exit.ts';
import { checkedGeneration, storeNamed } from '../generations/store-named.ts';
import { openExistingEventStore, openExistingReadStore } from '../stores.ts';

type Options = { readonly generation?: string; readonly store?: string; readonly json?: true };

export function addParked(program: Command): void {
  program
    .command('parked')
    .description('Lists the carts that could not be projected into a read store, and why.')
    .argument('<store>', 'name of a store in READ_STORES')
    .option('--generation <name>', 'another than the one in use', checkedGeneration)
    .option('--json', 'print one JSON object a cart')
    .action((name: string, options: Options) => list({ ...options, store: name }));
  program
    .command('replay-cart')
    .description(
      'Folds a cart from its stream into the read stores, and takes it off the list of parked carts.',
    )
    .argument('<cartId>', 'such as u~42~main')
    .option('--store <name>', 'only into this store of READ_STORES')
    .option('--generation <name>', 'another than the one in use', checkedGeneration)
    .addHelpText(
      'after',
      '\nExit code 1: the cart still cannot be folded (npx cartage cart <cartId> shows why).',
    )
    .action(replay);
}

async function list(options: Options): Promise<void> {
  await withStores(options, async (_, store) => {
    for (const entry of await store.parked())
      process.stdout.write(
        options.json
          ? `${JSON.stringify(entry)}\n`
          : `${entry.id} at revision ${entry.revision} (position ${entry.position}), ${new Date(entry.parkedAt).toISOString()}: ${entry.reason}\n`,
      );
  });
}

async function replay(cartId: string, options: Options): Promise<void> {
  checkCartId(cartId);
  await withStores(options, async (events, store, name, config) => {
    if (!(await release(events, store, cartId, config.offPeak)))
      throw new Trouble(
        `${name}: ${cartId} cannot be folded, and stays as it is: npx cartage cart '${cartId}' shows why.`,
      );
    const view = await store.get(cartId);
    process.stdout.write(
      view ? `${name}: ${cartId} is at revision ${view.revision}.\n` : `${name}: ${cartId} has no events.\n`,
    );
  });
}

type Work = (events: EventStore, store: ReadStore, name: string, config: Config) => Promise<void>;

async function withStores({ store, generation }: Options, work: Work): Promise<void> {
  const config = readConfig(process.env);
  const chosen = store === undefined ? config.readStores : [storeNamed(config, store)];
  const events = await openExistingEventStore(config.eventStore);
  try {
    for (const url of await resolved(events, chosen, generation)) {
      const opened = await openExistingReadStore(url);
      try {
        await work(events, opened, url.name, config);
      } finally {
        await opened.close();
      }
    }
  } finally {
    await events.close();
  }
}

const resolved = async (
  events: EventStore,
  stores: readonly StoreUrl[],
  generation: string | undefined,
): Promise<readonly StoreUrl[]> =>
  generation === undefined
    ? await storesInUse(events, stores)
    : stores.map((store) => withGeneration(store, generation));

function checkCartId(id: string): void {
  try {
    partsOf(id);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
