import { cartOfStream, decodeEvent, type Rules } from '@cartage/cart';
import { type Batch, type EventStore, hasCode, type Recorded } from '@cartage/event-store';
import { type Backoff, loadCheckpoint, persist, Trouble, type TroubleStatus } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import type { Clock } from './clock.ts';
import { finishMerge, type Sealed, Unfinishable } from './finish-merge.ts';

export const mergesCheckpoint = 'control.merges';

/** How long the API is given to take the second step itself, ms. */
const patience = 2_000;
/** The checkpoint is saved at most this often, ms: what comes after it is merely looked at again. */
const saveEvery = 1_000;

export type UnfinishedMerge = {
  readonly guestCartId: string;
  /** Of the seal; decimal digits. */
  readonly position: string;
  readonly reason: string;
};

export type MergesStatus = TroubleStatus & {
  /** Every seal up to here is merged. */
  readonly position: bigint | undefined;
  readonly seals: number;
  /** Merges whose second step this process took. */
  readonly finished: number;
  /** Merges that trying again does not finish; they are tried again when the process starts. */
  readonly unfinished: readonly UnfinishedMerge[];
};

export type CheckpointStore = Pick<ReadStore, 'checkpoints' | 'saveCheckpoint'>;

export type MergeFinisherOptions = {
  readonly events: EventStore;
  /** Keeps the checkpoint. */
  readonly checkpoints: CheckpointStore;
  readonly rules: Rules;
  readonly clock: Clock;
  readonly onError: (error: Error) => void;
};

/**
 * Every sealed guest cart is merged into its customer's, once, also when whoever sealed it died before the second step: the
 * checkpoint never passes a seal that is not merged. A merge that cannot be finished is reported, and no other waits for it.
 */
export class MergeFinisher {
  readonly #options: MergeFinisherOptions;
  readonly #trouble: Trouble;
  readonly #unfinished: (UnfinishedMerge & { readonly before: bigint | undefined })[] = [];
  /** Every seal up to here was dealt with. */
  #reached: bigint | undefined;
  #saved: { readonly position: bigint | undefined; readonly at: number } | undefined;
  #counts = { seals: 0, finished: 0 };

  constructor(options: MergeFinisherOptions) {
    this.#options = options;
    this.#trouble = new Trouble(options.onError);
  }

  status(): MergesStatus {
    return {
      position: this.#merged,
      ...this.#counts,
      unfinished: this.#unfinished.map(({ before: _, ...unfinished }) => unfinished),
      ...this.#trouble.status,
    };
  }

  run(signal: AbortSignal): Promise<void> {
    return persist((backoff) => this.#follow(signal, backoff), signal, this.#trouble.note);
  }

  async #follow(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const { events, checkpoints } = this.#options;
    this.#saved ??= await this.#resume(checkpoints);
    let atMostEvery = 0;
    for await (const batch of events.follow(this.#reached, { prefixes: ['cart-'], signal })) {
      if (!(await this.#settle(batch, signal))) break;
      await this.#save(checkpoints, atMostEvery);
      atMostEvery = saveEvery;
      backoff.reset();
      this.#trouble.clear();
    }
    await this.#save(checkpoints, 0);
    if (!signal.aborted) throw new Error('The log is no longer followed: it was closed.');
  }

  async #resume(store: CheckpointStore): Promise<{ position: bigint | undefined; at: number }> {
    const position = await loadCheckpoint(this.#options.events, store, mergesCheckpoint);
    this.#reached = position;
    this.#trouble.clear();
    return { position, at: this.#options.clock.now() };
  }

  /** False when the signal fired before all of the batch was dealt with. */
  async #settle({ events, position }: Batch, signal: AbortSignal): Promise<boolean> {
    for (const recorded of events) {
      if (recorded.type === 'CartSealed' && !(await this.#settleSeal(recorded, signal))) return false;
      this.#reached = recorded.position;
    }
    // An empty log ends at −1, which is no position to go on from.
    if (position >= 0n) this.#reached = position;
    return true;
  }

  async #settleSeal(recorded: Recorded, signal: AbortSignal): Promise<boolean> {
    const { events, rules, clock } = this.#options;
    const now = clock.now();
    // The store's clock may be ahead of this one: nothing waits longer than from now.
    await clock.pause(Math.min(recorded.recordedAt, now) + patience - now, signal);
    if (signal.aborted) return false;
    try {
      const sealed = sealedBy(recorded);
      const merged = sealed !== undefined && (await finishMerge(events, sealed, { rules, now: clock.now }));
      if (merged) this.#counts.finished += 1;
    } catch (error) {
      if (!(error instanceof Unfinishable || hasCode(error, 'undecodable'))) throw error;
      this.#giveUp(recorded, error);
    }
    this.#counts.seals += 1;
    return true;
  }

  #giveUp({ stream, position }: Recorded, error: Error): void {
    const guestCartId = cartOfStream(stream) ?? stream;
    const reason = error.message;
    this.#unfinished.push({ guestCartId, position: `${position}`, reason, before: this.#reached });
    this.#options.onError(new Error(`The merge of ${guestCartId} cannot be finished: ${reason}`));
  }

  /** The position below which every seal is merged. */
  get #merged(): bigint | undefined {
    const [first] = this.#unfinished;
    return first ? first.before : this.#reached;
  }

  async #save(store: CheckpointStore, atMostEvery: number): Promise<void> {
    const position = this.#merged;
    const at = this.#options.clock.now();
    if (position === undefined || position === this.#saved?.position) return;
    if (at - (this.#saved?.at ?? 0) < atMostEvery) return;
    await store.saveCheckpoint(mergesCheckpoint, position);
    this.#saved = { position, at };
  }
}

/** Undefined when the stream is no cart's. @throws {Undecodable} */
function sealedBy(recorded: Recorded): Sealed | undefined {
  const guestCartId = cartOfStream(recorded.stream);
  const event = decodeEvent(recorded);
  if (guestCartId === undefined || event.type !== 'CartSealed') return undefined;
  const { mergeId, into, policy = 'max' } = event.data;
  return { eventId: recorded.id, guestCartId, mergeId, into, policy };
}
