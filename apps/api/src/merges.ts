import { Inject, Injectable } from '@nestjs/common';
import {
  type CartCommand,
  type CartView,
  type Dropped,
  type MergePolicy,
  Refused,
  statusAt,
} from '@cartage/cart';
import type { EventStore } from '@cartage/event-store';
import { isMerged, type Seal, sealOf } from '@cartage/projection';
import { Carts, type Envelope } from './carts.ts';
import { EVENT_STORE } from './tokens.ts';

export const mergeOutcomes = [
  'merged',
  'already_merged',
  'nothing_to_merge',
  'same_session',
  'taken',
] as const;

/**
 * How a login's merge ended. `nothing_to_merge`: the guest cart is absent, empty, expired or checked out. `same_session`: the
 * customer's cart is tied to this session already. `taken`: another customer got the guest cart.
 */
export type MergeOutcome = (typeof mergeOutcomes)[number];

/** `from`: the guest's cart id; absent where there is no guest. */
export type MergeRequest = {
  readonly from: string | undefined;
  readonly policy: MergePolicy;
  readonly sessionId: string | undefined;
};

export type Merge = {
  readonly outcome: MergeOutcome;
  /** The customer's cart after it. */
  readonly view: CartView;
  readonly dropped: readonly Dropped[];
  readonly replayed: boolean;
};

type Sealed = { readonly seal: Seal; readonly isNew: boolean } | 'nothing_to_merge' | 'taken';

/**
 * Gives a guest's cart to the customer who logs in: seals it, which only one customer can, then merges its lines. A crash in
 * between loses nothing: asking again goes on from the seal, and so does the follower in apps/control.
 */
@Injectable()
export class Merges {
  readonly #carts: Carts;
  readonly #events: EventStore;

  constructor(carts: Carts, @Inject(EVENT_STORE) events: EventStore) {
    this.#carts = carts;
    this.#events = events;
  }

  /**
   * `If-Match` is looked at before the seal: once the guest cart is sealed, the merge will be made.
   *
   * @throws {Problem} 409 · 412 · 422, as {@link Carts.execute}
   * @throws {Unavailable} asking again goes on where this stopped
   */
  async merge(envelope: Envelope, request: MergeRequest): Promise<Merge> {
    const { from, sessionId } = request;
    const { view, replayed } = await this.#carts.precheck(envelope, commandOf(request));
    const unchanged = (outcome: MergeOutcome): Merge => ({ outcome, view, dropped: [], replayed });
    if (replayed) return unchanged('already_merged');
    if (from === undefined) return unchanged('nothing_to_merge');
    if (sessionId !== undefined && isTiedTo(view, sessionId)) return unchanged('same_session');
    const sealed = await this.#seal(from, envelope.cartId, request.policy);
    if (typeof sealed === 'string') return unchanged(sealed);
    const { seal, isNew } = sealed;
    if (!isNew && (await isMerged(this.#events, envelope.cartId, seal.mergeId)))
      return unchanged('already_merged');
    return this.#finish(envelope, request, seal);
  }

  async #seal(guestCartId: string, into: string, policy: MergePolicy): Promise<Sealed> {
    const { generation } = await this.#carts.read(guestCartId);
    const mergeId = `${guestCartId}.${generation}`;
    const envelope = { cartId: guestCartId, correlationId: mergeId };
    try {
      const seal: CartCommand = { type: 'SealGuest', mergeId, into, policy };
      const { view, events } = await this.#carts.execute(envelope, seal);
      const sealed = sealOf(view);
      return sealed === undefined ? 'nothing_to_merge' : { seal: sealed, isNew: events.length > 0 };
    } catch (error) {
      if (error instanceof Refused && error.code === 'guest_sealed_elsewhere') return 'taken';
      throw error;
    }
  }

  async #finish({ cartId, commandId }: Envelope, request: MergeRequest, seal: Seal): Promise<Merge> {
    const envelope = { cartId, commandId, correlationId: seal.mergeId };
    const { view, events, replayed } = await this.#carts.execute(envelope, commandOf(request, seal));
    const merged = events.find((event) => event.type === 'GuestCartMerged');
    const outcome = merged ? 'merged' : 'already_merged';
    return { outcome, view, dropped: merged?.data.dropped ?? [], replayed };
  }
}

/** Without a seal: the command as far as its client knows it. */
function commandOf({ from = '', policy, sessionId }: MergeRequest, seal?: Seal): CartCommand {
  const { mergeId = '', lines = [] } = seal ?? {};
  return { type: 'MergeGuest', mergeId, from, policy, lines, ...(sessionId !== undefined && { sessionId }) };
}

function isTiedTo(view: CartView, sessionId: string): boolean {
  const status = statusAt(view, Date.now());
  return view.sessionId === sessionId && (status === 'open' || status === 'frozen');
}
