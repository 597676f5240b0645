import {
  type CartEvent,
  type CartView,
  canonical,
  cartOfStream,
  decodeEvent,
  emptyView,
  project,
} from '@cartage/cart';
import type { EventStore, Recorded } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';

/** What clients know of carts by their own account: nothing of it comes from the product's rules. */
export type Account = {
  /** The cart of every command that was acknowledged, by idempotency key. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Units by sku, by the id of every cart they may have changed. */
  readonly lines: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

/** The fold of a whole log, and everything in it that must not be. */
export type Folded = {
  readonly views: ReadonlyMap<string, CartView>;
  /** By idempotency key, the cart whose stream holds it. */
  readonly commands: ReadonlyMap<string, string>;
  readonly events: number;
  readonly differences: readonly string[];
};

/** Reads the log once, from its beginning to its end, or up to a position. */
export async function foldLog(events: Pick<EventStore, 'follow'>, last?: bigint): Promise<Folded> {
  const reading = new Reading();
  for await (const batch of events.follow(undefined)) {
    for (const recorded of batch.events)
      if (last === undefined || recorded.position <= last) reading.take(recorded);
    if (batch.caughtUp || (last !== undefined && batch.position >= last)) break;
  }
  return reading.result();
}

class Reading {
  readonly #views = new Map<string, CartView>();
  readonly #commands = new Map<string, { readonly stream: string; last: number }>();
  readonly #ids = new Set<string>();
  readonly #seals = new Map<string, string>();
  readonly #merges = new Map<string, number>();
  readonly #differences: string[] = [];
  #position = -1n;
  #events = 0;

  take(recorded: Recorded): void {
    const { id, stream, revision, position } = recorded;
    if (position <= this.#position) this.#say(`position ${position} comes after ${this.#position}`);
    if (this.#ids.has(id)) this.#say(`event ${id} is there twice (${stream}, revision ${revision})`);
    this.#position = position;
    this.#ids.add(id);
    this.#events += 1;
    const cartId = cartOfStream(stream);
    if (cartId === undefined) return;
    const view = this.#views.get(cartId) ?? emptyView(cartId);
    if (revision !== view.revision + 1)
      this.#say(`${stream}: revision ${revision} comes after ${view.revision}`);
    const event = decodeEvent(recorded);
    this.#views.set(cartId, project(view, event, revision));
    this.#takeCommand(recorded);
    this.#takeMerge(event, cartId);
  }

  result(): Folded {
    for (const [mergeId, into] of this.#seals) {
      const times = this.#merges.get(`${mergeId} ${into}`) ?? 0;
      if (times !== 1) this.#say(`the merge ${mergeId} was made ${times} times in ${into}`);
    }
    return {
      views: this.#views,
      commands: new Map([...this.#commands].map(([key, { stream }]) => [key, cartOfStream(stream) ?? ''])),
      events: this.#events,
      differences: this.#differences,
    };
  }

  /** The events of one command are one append: they follow each other in one stream, and come once. */
  #takeCommand({ stream, revision, metadata }: Recorded): void {
    const key = commandIn(metadata);
    if (key === undefined) return;
    const known = this.#commands.get(key);
    if (known && (known.stream !== stream || known.last !== revision - 1))
      this.#say(`command ${key} took effect twice: ${known.stream} ${known.last}, ${stream} ${revision}`);
    this.#commands.set(key, { stream, last: revision });
  }

  #takeMerge(event: CartEvent, cartId: string): void {
    if (event.type === 'CartSealed') this.#seals.set(event.data.mergeId, event.data.into);
    if (event.type !== 'GuestCartMerged') return;
    const merge = `${event.data.mergeId} ${cartId}`;
    this.#merges.set(merge, (this.#merges.get(merge) ?? 0) + 1);
  }

  #say(difference: string): void {
    this.#differences.push(difference);
  }
}

function commandIn(metadata: unknown): string | undefined {
  const { commandId } = (metadata ?? {}) as { readonly commandId?: unknown };
  return typeof commandId === 'string' ? commandId : undefined;
}

/** In what a store's views differ from the fold of the log. */
export async function compareViews(
  { views }: Pick<Folded, 'views'>,
  store: Pick<ReadStore, 'scan' | 'parked'>,
): Promise<readonly string[]> {
  const differences: string[] = [];
  const stored = new Set<string>();
  for await (const page of store.scan()) {
    for (const view of page) {
      const folded = views.get(view.id);
      if (stored.has(view.id)) differences.push(`${view.id} is stored twice`);
      stored.add(view.id);
      if (!folded) differences.push(`${view.id} is stored, and not in the log`);
      else if (canonical(folded) !== canonical(view))
        differences.push(`${view.id}: stored ${canonical(view)}, folded ${canonical(folded)}`);
    }
  }
  for (const id of views.keys()) if (!stored.has(id)) differences.push(`${id} is in the log, and not stored`);
  for (const { id, reason } of await store.parked()) differences.push(`${id} is parked: ${reason}`);
  return differences;
}

/** In what the fold of the log differs from what clients were told. Of carts they know nothing of, others may know. */
export function compareAccount({ views, commands }: Folded, { accepted, lines }: Account): readonly string[] {
  const differences: string[] = [];
  for (const [key, cartId] of accepted)
    if (commands.get(key) !== cartId)
      differences.push(
        `command ${key} was acknowledged for ${cartId}, the log has it in ${commands.get(key)}`,
      );
  for (const [key, cartId] of commands)
    if (lines.has(cartId) && !accepted.has(key))
      differences.push(`command ${key} (${cartId}) took effect, and nobody was told`);
  for (const [cartId, expected] of lines) {
    const found = new Map(views.get(cartId)?.lines.map(({ sku, quantity }) => [sku, quantity]));
    for (const sku of new Set([...expected.keys(), ...found.keys()]))
      if (expected.get(sku) !== found.get(sku))
        differences.push(
          `${cartId}: ${found.get(sku) ?? 0} of ${sku} in the log, ${expected.get(sku) ?? 0} accepted`,
        );
  }
  return differences;
}
