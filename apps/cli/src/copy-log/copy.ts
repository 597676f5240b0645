import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, hasCode, type NewEvent, type Recorded } from '@cartage/event-store';
import { Trouble } from '../exit.ts';
import { logUpTo } from '../log.ts';
import { eachOf } from '../replay/each-of.ts';
import { Digests, digestsOf } from './digests.ts';

const streamsAtOnce = 128;
const eventsPerAppend = 500;
const bytesPerAppend = 512 * 1024; // below what any store takes at once
const attempts = 5;
const pause = 1_000; // ms

/** `copied`: written by this run, the rest was there. `truncated`: streams of which reads show a part only, as in the source. */
export type Copied = {
  readonly streams: number;
  readonly events: number;
  readonly copied: number;
  readonly truncated: number;
};

/**
 * Copies every stream, ids and revisions kept. Interrupted, it goes on where it stopped when it is run again: appends with the
 * same ids happen once. Nothing is written before the source was found complete, and the target a part of it.
 *
 * @throws {Trouble} the source is incomplete or grows, the target holds other events, or both differ in the end
 */
export async function copyLog(from: EventStore, to: EventStore): Promise<Copied> {
  const there = await digestsOf(to, 'The target', 'looking into the target');
  const end = await from.head();
  const source = await compare(from, end, there);
  const copied = await write(from, end, to, there);
  const truncated = await truncateLike(from, to, source);
  checkEqual(source, await digestsOf(to, 'The target', 'verifying'));
  await checkStill(from, end);
  const events = [...source.entries()].reduce((sum, [, { count }]) => sum + count, 0);
  return { streams: source.size, events, copied, truncated };
}

/** The source's digests. @throws {Trouble} what the target holds is not how they begin */
async function compare(from: EventStore, end: bigint, there: Digests): Promise<Digests> {
  const source = new Digests('The source');
  for await (const events of logUpTo(from, end, 'looking into the source'))
    for (const event of events) {
      checkJson(event);
      const { count, hash } = source.add(event);
      const known = there.get(event.stream);
      if (known?.count === count && known.hash !== hash) throw otherEvents(event.stream);
    }
  for (const [stream, { count }] of there.entries())
    if (count > (source.get(stream)?.count ?? 0)) throw otherEvents(stream);
  return source;
}

async function write(from: EventStore, end: bigint, to: EventStore, there: Digests): Promise<number> {
  let copied = 0;
  for await (const events of logUpTo(from, end, 'copying')) {
    const missing = events.filter(({ stream, revision }) => revision >= (there.get(stream)?.count ?? 0));
    await eachOf([...byStream(missing)], streamsAtOnce, async ([stream, ofStream]) => {
      for (const append of appendsOf(ofStream)) await appendTo(to, stream, append);
    });
    copied += missing.length;
  }
  return copied;
}

function byStream(events: readonly Recorded[]): ReadonlyMap<string, readonly Recorded[]> {
  const streams = new Map<string, Recorded[]>();
  for (const event of events) {
    const known = streams.get(event.stream);
    if (known) known.push(event);
    else streams.set(event.stream, [event]);
  }
  return streams;
}

/** What is hidden from reads in the source is hidden in the target. Answers of how many streams. */
async function truncateLike(from: EventStore, to: EventStore, source: Digests): Promise<number> {
  let truncated = 0;
  await eachOf([...source.entries()], streamsAtOnce, async ([stream, { count }]) => {
    const first = await firstRevision(from, stream, count);
    if (first === 0) return;
    await to.truncate(stream, first);
    truncated += 1;
  });
  return truncated;
}

async function firstRevision(store: EventStore, stream: string, none: number): Promise<number> {
  for await (const { revision } of store.read(stream)) return revision;
  return none;
}

function checkEqual(source: Digests, target: Digests): void {
  for (const [stream, { count, hash }] of target.entries()) {
    const wanted = source.get(stream);
    if (wanted?.hash === hash) continue;
    throw new Trouble(
      `${stream} has ${wanted?.count ?? 0} events, in the target ${count}: they are not the same.`,
    );
  }
  for (const [stream] of source.entries())
    if (!target.get(stream)) throw new Trouble(`${stream} did not arrive in the target.`);
}

async function checkStill(from: EventStore, end: bigint): Promise<void> {
  for await (const { events, caughtUp } of from.follow(end)) {
    if (events.length > 0)
      throw new Trouble(
        'The source was written to while it was copied. End its writers, then run this again.',
      );
    if (caughtUp) return;
  }
}

/** Consecutive events of a stream, in portions that every store takes. */
function* appendsOf(events: readonly Recorded[]): Generator<readonly Recorded[]> {
  let portion: Recorded[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify([event.data, event.metadata]));
    if (portion.length > 0 && (portion.length === eventsPerAppend || bytes + size > bytesPerAppend)) {
      yield portion;
      [portion, bytes] = [[], 0];
    }
    portion.push(event);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

async function appendTo(to: EventStore, stream: string, events: readonly Recorded[]): Promise<void> {
  const before = (events[0]?.revision ?? 0) - 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await to.append(stream, events.map(toNew), before < 0 ? 'none' : before);
      return;
    } catch (error) {
      if (hasCode(error, 'revision_conflict')) throw otherEvents(stream);
      if (!hasCode(error, 'unavailable') || attempt === attempts) throw error;
      await sleep(pause);
    }
  }
}

const toNew = ({ id, type, data, metadata }: Recorded): NewEvent => ({
  id,
  type,
  data: Object(data),
  metadata: Object(metadata ?? {}),
});

function checkJson({ stream, revision, data, metadata = {} }: Recorded): void {
  if (![data, metadata].every(isJsonObject))
    throw new Trouble(
      `${stream} holds an event at revision ${revision} that is no JSON object: it cannot be copied.`,
    );
}

const isJsonObject = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && !(part instanceof Uint8Array);

const otherEvents = (stream: string): Trouble =>
  new Trouble(
    `The target holds other events in ${stream}: copy into an empty event store, or the one begun with.`,
  );
