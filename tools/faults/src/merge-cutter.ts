import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent } from '@cartage/cart';
import type { EventStore, Recorded } from '@cartage/event-store';
import type { Process } from './processes.ts';
import type { Random } from './random.ts';
import type { System } from './system.ts';

/** A process runs so long, ms, between two looks at the log: less than a step of a merge takes. */
const shortestSlice = 0.2;
/** For each ms that it was stepped: on a busy machine it may not get to run in a short slice. */
const sliceGrowth = 0.001;
const stepLimit = 2_000; // ms
/** After a cut, and after one that came too late, everything runs undisturbed so long, ms: nobody's patience is worn out. */
const rest = { cut: 1_500, missed: 200 };
const finishLimit = 60_000; // ms

type Seal = { readonly id: string; readonly mergeId: string; readonly position: bigint };

/**
 * Lets an API die between the two steps of merges: from the moment it was sent a merge it runs in slices, stopped after each
 * to look at the log, and is killed when the log holds the seal and not yet the merge. It stays down until control, which is
 * killed meanwhile too, has taken the second step.
 */
export class MergeCutter {
  readonly #system: System;
  readonly #random: Random;
  readonly #wanted: number;
  readonly #onCut: (cut: number) => void;
  #cutting: Promise<void> | undefined;
  #facts = { cut: 0, finishedByControl: 0, controlKilled: 0, missed: 0 };

  constructor(system: System, random: Random, wanted: number, onCut: (cut: number) => void) {
    this.#system = system;
    this.#random = random;
    this.#wanted = wanted;
    this.#onCut = onCut;
  }

  /** To be called with what was sent to the API. */
  readonly onSent = (bytes: Buffer): void => {
    if (this.#cutting || this.#facts.cut >= this.#wanted) return;
    if (!bytes.includes('POST /v1/carts/main/merge ')) return;
    this.#cutting = this.#cut().then((outcome) => sleep(rest[outcome]));
    this.#cutting.then(
      () => (this.#cutting = undefined),
      () => undefined,
    );
  };

  /** Until nothing is being cut. @throws {Error} it could not be carried through */
  async idle(): Promise<void> {
    await this.#cutting;
  }

  get facts() {
    return this.#facts;
  }

  get differences(): readonly string[] {
    return this.#facts.finishedByControl > 0 ? [] : ['no merge was left to control'];
  }

  async #cut(): Promise<'cut' | 'missed'> {
    const { events, apis } = this.#system;
    const [api] = apis;
    const seal = api && (await sealedAndStopped(api, events));
    if (!seal || !api) {
      api?.resume();
      this.#facts.missed += 1;
      return 'missed';
    }
    await api.kill();
    this.#facts.cut += 1;
    await this.#killControl();
    await this.#finished(seal);
    await api.start();
    this.#onCut(this.#facts.cut);
    return 'cut';
  }

  /** Control waits 2 s before it takes the second step: it is killed while it waits, while it works, or soon after. */
  async #killControl(): Promise<void> {
    const { control } = this.#system;
    await sleep(this.#random.between(0, 2_300));
    await control.kill();
    this.#facts.controlKilled += 1;
    await sleep(this.#random.below(300));
    await control.start();
  }

  /** Until the merge is in the log, whoever put it there. */
  async #finished({ id, mergeId, position }: Seal): Promise<void> {
    const end = AbortSignal.timeout(finishLimit);
    for await (const batch of this.#system.events.follow(position, { signal: end })) {
      const merge = batch.events.find((recorded) => mergeIn(recorded) === mergeId);
      if (!merge) continue;
      if (isCausedBy(merge, id)) this.#facts.finishedByControl += 1;
      return;
    }
    throw new Error(`Nobody finished the merge ${mergeId} within ${finishLimit / 1000} s.`);
  }
}

/** Stops the process when the log holds a new seal without its merge; undefined when both came at once or neither came. */
async function sealedAndStopped(api: Process, events: EventStore): Promise<Seal | undefined> {
  const began = performance.now();
  api.freeze();
  let seen = await events.head();
  for (let elapsed = 0; elapsed < stepLimit; elapsed = performance.now() - began) {
    api.resume();
    spin(shortestSlice + elapsed * sliceGrowth);
    api.freeze();
    if ((await events.head()) === seen) continue;
    const fresh = await eventsAfter(events, seen);
    const merged = new Set(fresh.map(mergeIn));
    const seals = fresh.flatMap(sealIn);
    if (seals.length > 0) return seals.find(({ mergeId }) => !merged.has(mergeId));
    seen = fresh.at(-1)?.position ?? seen;
  }
  return undefined;
}

async function eventsAfter(events: EventStore, position: bigint): Promise<readonly Recorded[]> {
  for await (const batch of events.follow(position)) return batch.events;
  return [];
}

function sealIn(recorded: Recorded): readonly Seal[] {
  const event = recorded.type === 'CartSealed' ? decodeEvent(recorded) : undefined;
  if (event?.type !== 'CartSealed') return [];
  return [{ id: recorded.id, mergeId: event.data.mergeId, position: recorded.position }];
}

function mergeIn(recorded: Recorded): string | undefined {
  const event = recorded.type === 'GuestCartMerged' ? decodeEvent(recorded) : undefined;
  return event?.type === 'GuestCartMerged' ? event.data.mergeId : undefined;
}

function isCausedBy({ metadata }: Recorded, eventId: string): boolean {
  return (metadata as { readonly $causationId?: unknown } | null)?.$causationId === eventId;
}

/** Waits without letting go of the processor: timers count in whole milliseconds. */
function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}
