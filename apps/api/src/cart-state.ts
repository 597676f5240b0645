import { hash } from 'node:crypto';
import { type CartCommand, type CartEvent, type CartView, project, sortedJson } from '@cartage/cart';
import type { EventStore, Recorded } from '@cartage/event-store';
import { foldCart } from '@cartage/projection';
import type { Config } from '@cartage/runtime';

/** A command that took effect: the id its client chose, and what it asked for. */
export type KnownCommand = { readonly id: string; readonly hash: string };

/** A cart as its log has it up to `view.revision`, and the last 64 commands that came with an id, latest last. */
export type CartState = { readonly view: CartView; readonly commands: readonly KnownCommand[] };

const remembered = 64;

type Window = Config['offPeak'];

/**
 * The state as the log has it now: `from` and the events after it, or the whole stream.
 *
 * @throws {Unavailable}
 * @throws {Undecodable}
 */
export async function readState(
  events: EventStore,
  id: string,
  window: Window,
  from?: CartState,
): Promise<CartState> {
  let commands = from?.commands ?? [];
  const onEvent = ({ metadata }: Recorded): void => {
    commands = remember(commands, commandIn(metadata));
  };
  const view = await foldCart(events, id, { window, onEvent, ...(from && { from: from.view }) });
  return { view, commands };
}

/** The state after its own append of these events. */
export function advance(
  { view, commands }: CartState,
  events: readonly CartEvent[],
  command: KnownCommand | undefined,
  window: Window,
): CartState {
  let next = view;
  for (const event of events) next = project(next, event, next.revision + 1, window);
  return { view: next, commands: remember(commands, command) };
}

/** The same for the same request only: cart, kind of command and all it asks for. */
export function commandHash(cartId: string, command: CartCommand): string {
  return hash('sha256', `${cartId}\n${sortedJson(askedFor(command))}`, 'base64url');
}

/** A merge is asked for by naming a guest cart: its lines and the id of the merge are the server's finding. */
function askedFor(command: CartCommand) {
  if (command.type !== 'MergeGuest') return command;
  const { lines: _l, mergeId: _m, ...asked } = command;
  return asked;
}

/** Events of one command follow each other: they count once. */
function remember(commands: readonly KnownCommand[], command: KnownCommand | undefined) {
  return command === undefined || command.id === commands.at(-1)?.id
    ? commands
    : [...commands, command].slice(-remembered);
}

function commandIn(metadata: unknown): KnownCommand | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { commandId: id, commandHash: asked } = metadata as Record<string, unknown>;
  return typeof id === 'string' && typeof asked === 'string' ? { id, hash: asked } : undefined;
}
