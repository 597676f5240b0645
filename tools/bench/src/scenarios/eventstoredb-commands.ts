import { streamOf } from '@cartage/cart';
import { cartOfShopper, historyOf, writeHistories } from '../eventstoredb/history.ts';
import { type EventStoreDb, withEventStoreDb } from '../eventstoredb/server.ts';
import { textbookStreamOf } from '../eventstoredb/textbook-stream.ts';
import { startShop } from '../servers/cartage.ts';
import { nestEventStoreDb } from '../servers/opponents.ts';
import { startServer } from '../servers/server.ts';
import type { Bench, Scenario } from './scenario.ts';
import { compare, type Contest } from './throughput.ts';

/** Of a customer who comes back to the cart a few times between two check-outs. */
const eventsPerCart = 50;
const startUp = 30_000;

export const eventStoreDbCommands: Scenario = {
  name: 'eventstoredb-commands',
  title: 'commands on EventStoreDB, against a handler that reads the stream for each of them',
  estimate: ({ rounds, window, warmUp }) => startUp + 2 * (warmUp + rounds * window),
  run: async (bench) =>
    await withEventStoreDb(bench, async (server) => {
      const contest = await bench.progress.during('filling the carts', startUp, () => start(bench, server));
      return await compare(
        {
          name: eventStoreDbCommands.name,
          about: aboutOf(server),
          plan: 'writes',
          subject: 'Cartage on EventStoreDB',
          opponents: [{ program: nestEventStoreDb, target: { atLeast: 8 } }],
        },
        bench,
        contest,
      );
    }),
};

const aboutOf = ({ name }: EventStoreDb): string =>
  `Against ${name}. Closed loop, AddItem and ChangeQuantity (65 : 35) on the carts of all users alike, each of which has ` +
  `${eventsPerCart} events when it begins and gets more meanwhile. The opponent has the same HTTP server, driver and domain and ` +
  'carts of its own, and does what is taught: read the stream, fold, decide, append under the revision that was read, answer. ' +
  'It trusts every token and validates nothing. The event store, both servers and the generator share the machine.';

async function start(bench: Bench, { url, store }: EventStoreDb): Promise<Contest> {
  const shopper = `bench-${Date.now().toString(36)}`;
  const histories = Array.from({ length: bench.settings.shoppers }, (_, number) => {
    const cartId = cartOfShopper(shopper, number);
    return [cartId, historyOf(cartId, eventsPerCart)] as const;
  });
  for (const streamFor of [streamOf, textbookStreamOf])
    await writeHistories(store, new Map(histories.map(([cartId, events]) => [streamFor(cartId), events])));
  const { api, generator } = await startShop(bench, false, { eventStore: url, shopper });
  const textbook = await startServer(bench.processes, { ...nestEventStoreDb, env: { EVENT_STORE: url } });
  return { servers: [api, textbook], generator };
}
