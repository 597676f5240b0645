import { fileURLToPath } from 'node:url';
import { type CartEvent, cartIdOf, customerOwner, decide, emptyView, project } from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { record } from '@cartage/projection';
import { Process } from './processes.ts';
import type { Defer } from './scenarios/scenario.ts';
import type { System } from './system.ts';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/cartage.js', import.meta.url));
const skus = 11;
/** Carts written at once. */
const atOnce = 5_000;

/** Carts of customers who are gone, one append and twelve events each: what a log holds that was there before. */
export async function fill(events: EventStore, carts: number): Promise<void> {
  for (let from = 0; from < carts; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, carts - from) }, (_, at) => from + at);
    await Promise.all(numbers.map((number) => fillCart(events, cartIdOf(customerOwner(`before-${number}`)))));
  }
}

async function fillCart(events: EventStore, id: string): Promise<void> {
  const now = Date.now();
  let view = emptyView(id);
  const decided: CartEvent[] = [];
  for (let sku = 0; sku < skus; sku += 1) {
    const command = { type: 'AddItem', sku: `sku-${sku}`, quantity: 1 } as const;
    for (const event of decide(view, command, { now, revision: view.revision })) {
      view = project(view, event, view.revision + 1);
      decided.push(event);
    }
  }
  await record(events, id, -1, decided);
}

/** `cartage rebuild` of a generation, not started yet; defers to end it. */
export function rebuildOf(
  { env, folder }: Pick<System, 'env' | 'folder'>,
  defer: Defer,
  store: string,
  generation: string,
  args: readonly string[],
): Process {
  const rebuild = new Process({
    name: 'rebuild',
    script: cli,
    args: ['rebuild', store, '--generation', generation, '--json', ...args],
    env,
    cwd: folder,
  });
  defer(() => rebuild.end());
  return rebuild;
}

/** What this needs of the last line that `cartage rebuild --json` prints. */
export type Summary = {
  readonly events: number;
  readonly written: number;
  readonly seconds: number;
  readonly verified: { readonly differing: number } | null;
};

/** Of a rebuild, once it has ended. @throws {Error} it did not end well */
export async function summaryOf(rebuild: Process): Promise<Summary> {
  const how = await rebuild.ended;
  const line = rebuild.stdout.trim().split('\n').at(-1);
  if (how !== 'exit code 0' || line === undefined)
    throw new Error(`the rebuild ended with ${how}: ${rebuild.stderr}`);
  return JSON.parse(line) as Summary;
}
